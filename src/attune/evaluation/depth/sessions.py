"""Pooled over folds against fold by fold: the effect of shifts between sessions on a score.

Each fold has its own model and its own session. Pooling mixes models whose predictions, and sessions whose labels, have
different levels; averaging over folds does not, but each fold has few utterances.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attune.evaluation.bootstrap import Array, Difference, Draws, difference_of, resampled_sums
from attune.evaluation.scores import SCORES, drawn


class Sessions(NamedTuple):
    """A score pooled and by fold; `over` is the pooled score minus the mean over folds."""

    pooled: float
    mean: float
    by_fold: dict[str, float]
    over: Difference


def compare(
    summed: Array, folds: NDArray[np.str_], score: str, draws: Draws, confidence: float, independent: int | None = None
) -> Sessions:
    """Compare one score of one system and task, pooled and by fold.

    Args:
        summed: ``(n, WIDTH)``, from `attune.evaluation.scores.summands`.
        folds: ``(n,)``, the fold in which each utterance was tested.
        score: a name in `SCORES`.
        draws: ``(resamples, n)``.
        independent: how many clusters the utterances are from.
    """
    work_out, names = SCORES[score], list(dict.fromkeys(folds.tolist()))
    parts = [np.where((folds == name)[:, None], summed, 0.0) for name in names]
    by_fold = [float(work_out(part.sum(axis=0))) for part in parts]
    pooled = float(work_out(summed.sum(axis=0)))
    resampled = np.stack([_or_nan(work_out, resampled_sums(part, draws)) for part in parts])
    some = ~np.isnan(resampled).all(axis=0)
    samples = work_out(resampled_sums(summed, draws)[some]) - np.nanmean(resampled[:, some], axis=0)
    mean = float(np.mean(by_fold))
    over = difference_of(pooled - mean, samples, confidence, independent)
    return Sessions(pooled, mean, dict(zip(names, by_fold, strict=True)), over)


def _or_nan(work_out: Callable[[Array], Array], sums: Array) -> Array:
    """Return the score of each resample, NaN if it drew no utterance of the fold."""
    found, some = np.full(len(sums), np.nan), drawn(sums)
    found[some] = work_out(sums[some])
    return found
