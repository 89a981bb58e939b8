"""The training jobs of a system on a fold: one for each network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import torch

from attune.corpus.protocols import Partition
from attune.features.packed import Packed
from attune.model.inputs import Inputs, Measured, Waves
from attune.model.network import TaskNetwork
from attune.model.others import from_features
from attune.model.systems import System
from attune.params import Augment, Params, Train
from attune.steps.fitting import auxiliary_labels
from attune.tasks import PAPER, Tasks, as_json
from attune.training.beside import Beside
from attune.training.distributed import Ranks
from attune.training.examples import Examples
from attune.training.fingerprint import fingerprint
from attune.training.job import Job
from attune.waveform.store import Store


@dataclass(frozen=True)
class Fresh:
    """A system's networks before training, their inputs, and what else determines their initial state."""

    system: str
    tasks: Tasks
    networks: Mapping[str, TaskNetwork]
    inputs: Inputs
    identity: str | None = None


def fresh(system: System, settings: Train, parts: Partition, store: Store, features: Packed | None) -> Fresh:
    """Return the networks of a system by name, initialised from the seed."""
    inputs: Inputs = from_features.INPUTS if features else Waves(*store.statistics(parts.train["utterance"]))
    drawn: dict[str, Any] = {"dropout": settings.dropout, "seed": settings.seed, "zero_output": settings.zero_output}
    networks = {name: system.build(name, **drawn) for name in system.networks}
    return Fresh(system.name, system.tasks, networks, inputs)


def of(
    params: Params,
    ranks: Ranks,
    begun: Fresh,
    fold: str,
    parts: Partition,
    store: Store,
    features: Packed | None,
    device: torch.device,
) -> list[Job]:
    """Return the jobs of a system on a fold, all with the same fingerprint.

    Args:
        features: what the system takes instead of the waveform, if anything.
    """
    training, development = (_examples(part, begun, store, features) for part in (parts.train, parts.development))
    labels = auxiliary_labels.read(params.train, parts, begun.tasks, fold)
    training = replace(training, auxiliary={name: found.values for name, found in labels.items()})
    own = params.train.model_copy(update={"augment": Augment()} if isinstance(begun.inputs, Measured) else {})
    settings = own.model_dump() | {
        "threads": params.compute.threads,
        "device": device.type,
        "protocol": params.protocol,
        "system": begun.system,
        "fold": fold,
        "processes": ranks.count,
        "features": features.about.identity if features else begun.identity,
    }
    if begun.tasks != PAPER:
        settings["tasks"] = as_json(begun.tasks)
    used = store.index.loc[[*training.utterances, *development.utterances], ["samples", "sum", "sum_squares"]]
    digest = fingerprint(settings, (training, development), used.to_numpy().tolist())
    return [
        Job(
            name=name,
            network=network,
            training=training,
            development=development,
            settings=own,
            inputs=begun.inputs,
            device=device,
            fingerprint=digest,
            beside=Beside(own, network, labels).reset(own.seed),
            ranks=ranks,
        )
        for name, network in begun.networks.items()
    ]


def _examples(utterances: pd.DataFrame, begun: Fresh, store: Store, features: Packed | None) -> Examples:
    rated = {name for one in begun.networks.values() for name in one.tasks if one.objective(name).takes_ratings}
    names = tuple(utterances["utterance"])
    length: Callable[[str], int] = features.frames if features else store.samples
    return Examples(
        utterances=names,
        samples=tuple(length(name) for name in names),
        classes={task.name: task.to_class(utterances[task.name]).astype(np.int64) for task in begun.tasks},
        waveform=(features or store).__getitem__,
        ratings={name: utterances[name].to_numpy(np.float32) for name in sorted(rated)},
    )
