"""The learning curve over parts of the training dialogs, for support vector machines, which train in seconds."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attune.corpus.protocols import Partition, partition
from attune.evaluation.bootstrap import Draws, clusters, draw
from attune.evaluation.depth.learning import SHARES, Point, curve, thinned
from attune.evaluation.scores import summands
from attune.features.packed import Packed
from attune.model.others.handcrafted import COUNT, SYSTEMS
from attune.params import Params
from attune.tasks import Task, Tasks
from attune.training import svm

Array = NDArray[np.float64]
Sample = tuple[Array, NDArray[np.int64]]
"""Functionals (utterances, 88) and classes (utterances,)."""

MOST = 20_000
"""Maximum training utterances of a fold; with more, machines no longer train in seconds and there is no curve."""


def curves(params: Params, rows: pd.DataFrame, utterances: pd.DataFrame, tasks: Tasks, features: Path) -> pd.DataFrame:
    """Return a row per system, task and share: see `attune.evaluation.depth.learning.curve`. Empty without SVM systems.

    Args:
        rows: predictions and truth of all systems.
        features: written by `attune features`.

    Raises:
        AttuneError: features are missing or damaged.
    """
    systems = [system for system in params.systems if system in SYSTEMS]
    if not systems:
        return pd.DataFrame()
    parts = {fold: partition(utterances, params.protocol, fold) for fold in params.folds}
    if max(len(part.train) for part in parts.values()) > MOST:
        return pd.DataFrame()
    found = []
    for system in systems:
        packed = Packed(features / system)
        test = rows[(rows["system"] == system) & (rows["partition"] == "test")]
        for task in tasks:
            own = test[test["task"] == task.name].sort_values("utterance")
            draws = draw(own["speaker"], own["dialog"], resamples=params.evaluate.resamples, seed=params.evaluate.seed)
            found += [
                {"system": system, "task": task.name, **record}
                for record in _curve(params, parts, own, task, packed, draws)
            ]
    return pd.DataFrame(found)


def _curve(
    params: Params, parts: Mapping[str, Partition], own: pd.DataFrame, task: Task, features: Packed, draws: Draws
) -> list[Mapping[str, Any]]:
    points = list(_points(params.evaluate.seed, parts, own, task, features))
    whole = Point(1.0, float(np.mean([len(part.train) for part in parts.values()])), _summands(own, task))
    independent = clusters(own["speaker"], own["dialog"])
    return curve([*points, whole], draws, params.evaluate.confidence, independent) if points else []


def _points(
    seed: int, parts: Mapping[str, Partition], own: pd.DataFrame, task: Task, features: Packed
) -> Iterator[Point]:
    """Yield the shares that leave out dialogs and leave two classes to separate in every fold."""
    for share in SHARES:
        few = {fold: thinned(part.train, share, seed) for fold, part in parts.items()}
        if all(len(few[fold]) == len(part.train) for fold, part in parts.items()):
            continue  # there is only one dialog
        if min(len(np.unique(task.to_class(train[task.name]))) for train in few.values()) < 2:
            continue
        said = {fold: _answers(part, few[fold], task, features) for fold, part in parts.items()}
        predicted = [
            said[fold][utterance] for fold, utterance in zip(own["fold"].astype(str), own["utterance"], strict=True)
        ]
        size = float(np.mean([len(train) for train in few.values()]))
        yield Point(share, size, _summands(own.assign(predicted=predicted), task))


def _answers(part: Partition, train: pd.DataFrame, task: Task, features: Packed) -> dict[str, int]:
    """Return the class of each test utterance as predicted by a machine trained on these utterances."""
    machine, _ = svm.fit(
        "learning curve", task, _sample(train, task, features), _sample(part.development, task, features)
    )
    functionals, _ = _sample(part.test, task, features)
    return dict(zip(part.test["utterance"], machine.probabilities(functionals).argmax(1).tolist(), strict=True))


def _sample(part: pd.DataFrame, task: Task, features: Packed) -> Sample:
    functionals = np.array([features[name] for name in part["utterance"]], np.float64).reshape(-1, COUNT)
    return functionals, task.to_class(part[task.name]).astype(np.int64)


def _summands(own: pd.DataFrame, task: Task) -> Array:
    return summands(own["actual"], own["predicted"], own["actual"], own["actual"], len(task.classes))
