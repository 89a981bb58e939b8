"""Baselines that ignore the audio: guessing, and always predicting the training partition's most frequent class."""

from collections.abc import Mapping

import pandas as pd

CHANCE, MAJORITY = "chance", "majority"


def majority(
    rows: pd.DataFrame, classes: Mapping[str, Mapping[str, int]], ratings: Mapping[str, Mapping[str, float]]
) -> pd.DataFrame:
    """Return the rows of one system with its predictions replaced by constants, one per fold and task.

    Args:
        rows: ``fold``, ``task``, ``predicted``, ``score``; other columns are kept unchanged.
        classes: most frequent class of the training partition, by fold and task.
        ratings: mean rating of the training partition, by fold and task; none for categories.

    Returns:
        The same rows under the system ``majority``. A constant per fold is not quite a constant over folds, so pooled
        scores may differ slightly from 1/3 (UAR) and 0 (CCC).
    """
    cells = pd.DataFrame(
        [(fold, task, number, ratings[fold].get(task)) for fold in classes for task, number in classes[fold].items()],
        columns=["fold", "task", "predicted", "score"],
    )
    constant = rows[["fold", "task"]].merge(cells, on=["fold", "task"], how="left", validate="many_to_one")
    return rows.assign(
        system=MAJORITY, predicted=constant["predicted"].to_numpy(), score=constant["score"].to_numpy(dtype=float)
    )
