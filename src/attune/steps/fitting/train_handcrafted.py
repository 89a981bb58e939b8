"""Training support vector machines, one per task, on the features that `attune features` wrote."""

import hashlib
from collections.abc import Mapping

import numpy as np
import pandas as pd

from attune.corpus.protocols import Partition
from attune.features.packed import Packed
from attune.model.others.handcrafted import COUNT, Array
from attune.tasks import Tasks
from attune.training import svm
from attune.training.examples import Classes
from attune.training.loop import Trained


def fit(system: str, parts: Partition, tasks: Tasks, features: Packed) -> dict[str, Trained]:
    """Fit a machine for each task; its history has one record for each C that was tried.

    Raises:
        AttuneError: an utterance has no features, or a task has only one class.
    """
    training, development = _read(parts.train, tasks, features), _read(parts.development, tasks, features)
    fitted = svm.fit_all(system, tasks, training, development)
    return {task: Trained(machine.state(), history) for task, (machine, history) in fitted.items()}


def digest(system: str, parts: Partition, tasks: Tasks, features: Packed) -> str:
    """Return a digest of everything that the result depends on besides the code."""
    found = hashlib.sha256(system.encode())
    for part in (parts.train, parts.development):
        functionals, classes = _read(part, tasks, features)
        found.update(functionals.tobytes())
        for own in classes.values():
            found.update(own.tobytes())
    return found.hexdigest()


def _read(part: pd.DataFrame, tasks: Tasks, features: Packed) -> tuple[Array, Mapping[str, Classes]]:
    classes = {task.name: task.to_class(part[task.name]).astype(np.int64) for task in tasks}
    functionals = np.array([features[name] for name in part["utterance"]], np.float64)
    return functionals.reshape(-1, COUNT), classes
