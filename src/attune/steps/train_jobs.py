"""What a system's networks are trained with on a fold: one job for each network."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch

from attune.corpus.protocols import Partition
from attune.features.packed import Packed
from attune.model import from_features
from attune.model.inputs import Inputs, Waves
from attune.model.systems import System
from attune.params import Params
from attune.tasks import PAPER, Tasks, as_json
from attune.training.distributed import Ranks
from attune.training.examples import Examples
from attune.training.fingerprint import fingerprint
from attune.training.loop import Job
from attune.waveform.store import Store


def of(
    params: Params,
    ranks: Ranks,
    system: System,
    fold: str,
    parts: Partition,
    store: Store,
    features: Packed | None,
    device: torch.device,
) -> list[Job]:
    """The jobs of a system on a fold, all with the same fingerprint.

    Args:
        features: what the system takes instead of the waveform, if anything.
    """
    training, development = (
        _examples(part, system.tasks, store, features) for part in (parts.train, parts.development)
    )
    inputs: Inputs = Waves(*store.statistics(training.utterances)) if features is None else from_features.INPUTS
    settings = params.train.model_dump() | {
        "threads": params.compute.threads,
        "device": device.type,
        "protocol": params.protocol,
        "system": system.name,
        "fold": fold,
        "processes": ranks.count,
        "features": features.about.identity if features else None,
    }
    if system.tasks != PAPER:
        settings["tasks"] = as_json(system.tasks)
    used = store.index.loc[[*training.utterances, *development.utterances], ["samples", "sum", "sum_squares"]]
    digest = fingerprint(settings, (training, development), used.to_numpy().tolist())
    return [
        Job(
            name=name,
            network=system.build(
                name, dropout=params.train.dropout, seed=params.train.seed, zero_output=params.train.zero_output
            ),
            training=training,
            development=development,
            settings=params.train,
            inputs=inputs,
            device=device,
            fingerprint=digest,
            ranks=ranks,
        )
        for name in system.networks
    ]


def _examples(utterances: pd.DataFrame, tasks: Tasks, store: Store, features: Packed | None) -> Examples:
    names = tuple(utterances["utterance"])
    length: Callable[[str], int] = features.frames if features else store.samples
    return Examples(
        utterances=names,
        samples=tuple(length(name) for name in names),
        classes={task.name: task.to_class(utterances[task.name]).astype(np.int64) for task in tasks},
        waveform=(features or store).__getitem__,
    )
