"""Check that a fold's labels can be learnt from, before anything is trained."""

import numpy as np
import pandas as pd

from attune.corpus.protocols import Partition
from attune.errors import AttuneError
from attune.numbers import listed
from attune.tasks import Task, Tasks


def check(parts: Partition, tasks: Tasks, fold: str) -> list[str]:
    """Return a sentence for each task of a fold in which some class cannot be learnt.

    Raises:
        AttuneError: an utterance has no label, or a task has only one class in training.
    """
    for name, part in zip(("training", "development", "test"), parts, strict=True):
        for task in tasks:
            _refuse_unlabelled(part, name, task, fold)
    return [sentence for task in tasks for sentence in _absent(parts, task, fold)]


def _refuse_unlabelled(part: pd.DataFrame, name: str, task: Task, fold: str) -> None:
    lacking = int((~np.isfinite(part[task.name].to_numpy(np.float64))).sum())
    if lacking:
        share = "no utterance has" if lacking == len(part) else f"{lacking} of {len(part)} utterances lack"
        raise AttuneError(
            f"{share} a rating of {task.name} in the {name} partition",
            where=f"fold {fold}",
            remedy=f"Rate them, leave them out of the corpus, or leave {task.name} out of its tasks.",
        )


def _absent(parts: Partition, task: Task, fold: str) -> list[str]:
    present = set(task.to_class(parts.train[task.name]).tolist())
    if len(present) < 2:
        raise AttuneError(
            f"every utterance of the training partition is {task.classes[present.pop()]} in {task.name}: there is "
            "nothing to learn",
            where=f"fold {fold}",
            remedy="Use more utterances, another protocol or fold, or other classes.",
        )
    names = [name for number, name in enumerate(task.classes) if number not in present]
    if not names:
        return []
    return [
        f"fold {fold}: no utterance of the training partition is {listed(names, 'or')} in {task.name}: "
        "that cannot be learnt"
    ]
