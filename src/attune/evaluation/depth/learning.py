"""Would more data help? Scores of a system trained on a part of the training dialogs."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from attune.evaluation.bootstrap import Array, Draws, around, interval, paired_difference, resampled_sums
from attune.evaluation.scores import uar

SHARES = (0.25, 0.5, 0.75)
"""Shares of each session's training dialogs, besides all of them."""


class Point(NamedTuple):
    """A share of the training dialogs: its mean number of utterances over folds, and the summands ``(n, WIDTH)`` of the
    test utterances."""

    share: float
    training: float
    summed: Array


def thinned(train: pd.DataFrame, share: float, seed: int) -> pd.DataFrame:
    """Return the utterances of a share of the dialogs, as even over sessions as possible; at least one dialog.

    A smaller share is a subset of a larger one.

    Args:
        train: ``session``, ``dialog`` and any other columns.
    """
    rng = np.random.default_rng(seed)
    ranked: list[tuple[float, float, str]] = []
    for _, own in train.groupby("session", sort=True, observed=True):
        dialogs = rng.permutation(sorted(own["dialog"].astype(str).unique()))
        places = (np.arange(len(dialogs)) + 0.5) / len(dialogs)
        ranked += zip(places.tolist(), rng.random(len(dialogs)).tolist(), dialogs.tolist(), strict=True)
    kept = [dialog for *_, dialog in sorted(ranked)][: math.ceil(share * len(ranked))]
    return train[train["dialog"].isin(kept)]


def curve(
    points: list[Point], draws: Draws, confidence: float, independent: int | None = None
) -> list[Mapping[str, Any]]:
    """Return UAR at each share with its interval and, for less than all dialogs, the gain from using all of them.

    Args:
        points: in order of share, the last one being all dialogs.
        draws: ``(resamples, n)``.
        independent: how many clusters the utterances are from.
    """
    *_, whole = points
    found: list[Mapping[str, Any]] = []
    for point in points:
        value = float(uar(point.summed.sum(axis=0)))
        low, high = around(value, interval(uar(resampled_sums(point.summed, draws)), confidence, independent))
        record = {"share": point.share, "training": point.training, "score": "uar"}
        record |= {"value": value, "low": low, "high": high, "n": len(point.summed)}
        over = dict.fromkeys(("value", "low", "high", "p"), math.nan)
        if point is not whole:
            over = paired_difference(
                whole.summed, point.summed, uar, draws, confidence, independent=independent
            )._asdict()
        found.append(record | {f"over_{name}": value for name, value in over.items()})
    return found
