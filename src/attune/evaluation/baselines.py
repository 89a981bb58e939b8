"""What one gets without listening: guessing, and always saying the training partition's commonest class."""

from collections.abc import Mapping

import pandas as pd

from attune.evaluation.scores import CLASS_COUNT
from attune.params import TASKS, Task

CHANCE, MAJORITY = "chance", "majority"

CHANCE_UAR = 1 / CLASS_COUNT
"""What guessing without looking expects as UAR, whatever the balance of classes and of guesses."""


def majority(
    rows: pd.DataFrame, classes: Mapping[str, Mapping[Task, int]], ratings: Mapping[str, Mapping[Task, float]]
) -> pd.DataFrame:
    """Rows of one system with its predictions replaced by constants, one per fold and task.

    Args:
        rows: ``fold``, ``task``, ``predicted``, ``score`` and whatever else; kept as it is.
        classes: commonest class of the training partition, by fold and task.
        ratings: mean rating of the training partition, by fold and task.

    Returns:
        The same rows under the system ``majority``. A constant per fold is not quite a constant over folds, so pooled
        scores may lie a little off 1/3 (UAR) and 0 (CCC).
    """
    cells = pd.DataFrame(
        [(fold, task, classes[fold][task], ratings[fold][task]) for fold in classes for task in TASKS],
        columns=["fold", "task", "predicted", "score"],
    )
    constant = rows[["fold", "task"]].merge(cells, on=["fold", "task"], how="left", validate="many_to_one")
    return rows.assign(
        system=MAJORITY, predicted=constant["predicted"].to_numpy(), score=constant["score"].to_numpy(dtype=float)
    )
