"""Warnings in advance about what later steps would refuse or could not measure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from attune.corpus.protocols import Partition, partition
from attune.errors import AttuneError
from attune.numbers import listed
from attune.params import Params
from attune.tasks import Task, Tasks, names_of

_CONSEQUENCES = {
    "train": "nothing is learnt of it there",
    "development": "its recall does not count there",
    "test": "its recall cannot be measured there",
}
_MOST_FOLDS = 3


def warnings(accepted: pd.DataFrame, tasks: Tasks, params: Params, folds: Sequence[str]) -> list[str]:
    """Return warnings about problems that these parameters or this corpus cause in later steps.

    Args:
        accepted: accepted utterances, with the contract's columns.
        folds: all folds of the corpus.
    """
    chosen = [fold for fold in params.folds if fold in folds] or list(folds)
    return [*_minimum(tasks, params), *_weights(tasks, params), *_absent(accepted, tasks, params.protocol, chosen)]


def _minimum(tasks: Tasks, params: Params) -> Iterable[str]:
    """Yield warnings about minimum scores that `attune promote` and the pipeline's gate would refuse."""
    known = {task.name: task for task in tasks}
    strangers = [name for name in params.promote.minimum if name not in known]
    if strangers:
        own = ", ".join(f"{name}: {{uar: 0.4}}" for name in known)
        yield (
            f"promote.minimum names {listed(strangers)}, which this corpus does not have: `attune promote` would refuse"
            f" it. To copy: minimum: {{{own}}}"
        )
    for name, scores in params.promote.minimum.items():
        if name in known and not known[name].rated and "ccc" in scores:
            yield f"promote.minimum asks for a CCC of {name}, which has categories: it has a UAR only"


def _weights(tasks: Tasks, params: Params) -> Iterable[str]:
    try:
        params.train.task_weights.check(names_of(tasks))
    except AttuneError as error:
        yield f"{error.what}: `attune train` would refuse it. {error.remedy}"


def _absent(accepted: pd.DataFrame, tasks: Tasks, protocol: str, folds: Sequence[str]) -> Iterable[str]:
    """Yield a warning for each class that a partition lacks, with the folds concerned."""
    lacking: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for fold in folds:
        for part, table in _parts(accepted, protocol, fold):
            for task in tasks:
                for name in _missing(table, task):
                    lacking[part, task.name, name].append(fold)
    for (part, named, missing), where in lacking.items():
        more = f" and {len(where) - _MOST_FOLDS} more" if len(where) > _MOST_FOLDS else ""
        plural = "s" if len(where) > 1 else ""
        yield (
            f"no utterance of {named} {missing} in the {part} partition of fold{plural}"
            f" {', '.join(where[:_MOST_FOLDS])}{more}: {_CONSEQUENCES[part]}"
        )


def _parts(accepted: pd.DataFrame, protocol: str, fold: str) -> list[tuple[str, pd.DataFrame]]:
    try:
        parts: Partition = partition(accepted, protocol, fold)
    except AttuneError:  # a fold that cannot be made; the preview's table reports it
        return []
    return list(parts._asdict().items())


def _missing(table: pd.DataFrame, task: Task) -> list[str]:
    there = np.bincount(task.to_class(table[task.name]), minlength=len(task.classes))
    return [name for name, count in zip(task.classes, there, strict=True) if not count]
