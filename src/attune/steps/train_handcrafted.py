"""Training `egemaps-svm`: the features that `attune preprocess` wrote, a machine for each task."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from attune.corpus.labels import to_class
from attune.corpus.protocols import Partition
from attune.features import egemaps
from attune.model import handcrafted
from attune.params import TASKS, Task
from attune.training import svm
from attune.training.examples import Classes
from attune.training.loop import Trained


def fit(parts: Partition, store: Path) -> dict[str, Trained]:
    """A machine for each task, and in its history one record for each C that was tried.

    Raises:
        AttuneError: no features beside the waveforms, or a task of one class.
    """
    training, development = _read(parts.train, store), _read(parts.development, store)
    fitted = svm.fit_all(training, development)
    return {task: Trained(machine.state(), history) for task, (machine, history) in fitted.items()}


def digest(parts: Partition, store: Path) -> str:
    """What stands for everything that the result depends on besides the code."""
    found = hashlib.sha256(handcrafted.SYSTEM.encode())
    for part in (parts.train, parts.development):
        functionals, classes = _read(part, store)
        found.update(functionals.tobytes())
        for task in TASKS:
            found.update(classes[task].tobytes())
    return found.hexdigest()


def _read(part: pd.DataFrame, store: Path) -> tuple[egemaps.Functionals, Mapping[Task, Classes]]:
    classes = {task: to_class(part[task]).astype(np.int64) for task in TASKS}
    return egemaps.read(store, part["utterance"]), classes
