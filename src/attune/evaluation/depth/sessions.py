"""Pooled over folds against fold by fold: what shifts between sessions do to a score.

Each fold has its own model and its own session. Pooling them mixes models whose predictions lie at different heights,
and sessions whose labels do; averaging over folds does not, but rests on few utterances each.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attune.evaluation.bootstrap import Array, Difference, Draws, difference_of, resampled_sums
from attune.evaluation.scores import SCORES, drawn


class Sessions(NamedTuple):
    """A score pooled and over folds; `over` is pooled less the mean over folds."""

    pooled: float
    mean: float
    by_fold: dict[str, float]
    over: Difference


def compare(summed: Array, folds: NDArray[np.str_], score: str, draws: Draws, confidence: float) -> Sessions:
    """One score of one system and task.

    Args:
        summed: ``(n, WIDTH)``, of `attune.evaluation.scores.summands`.
        folds: ``(n,)``, in which fold each utterance was tested.
        score: a name in `SCORES`.
        draws: ``(resamples, n)``.
    """
    work_out, names = SCORES[score], list(dict.fromkeys(folds.tolist()))
    parts = [np.where((folds == name)[:, None], summed, 0.0) for name in names]
    by_fold = [float(work_out(part.sum(axis=0))) for part in parts]
    pooled = float(work_out(summed.sum(axis=0)))
    resampled = np.stack([_or_nan(work_out, resampled_sums(part, draws)) for part in parts])
    some = ~np.isnan(resampled).all(axis=0)
    samples = work_out(resampled_sums(summed, draws)[some]) - np.nanmean(resampled[:, some], axis=0)
    mean = float(np.mean(by_fold))
    over = difference_of(pooled - mean, samples, confidence)
    return Sessions(pooled, mean, dict(zip(names, by_fold, strict=True)), over)


def _or_nan(work_out: Callable[[Array], Array], sums: Array) -> Array:
    """NaN where a resample drew nobody of the fold."""
    found, some = np.full(len(sums), np.nan), drawn(sums)
    found[some] = work_out(sums[some])
    return found
