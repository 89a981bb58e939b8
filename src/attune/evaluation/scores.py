"""Scores of classes and ratings, each a function of sums over utterances.

An utterance becomes one row of summands; adding rows up, each as often as a bootstrap drew it, gives the sums of a
resample. So a thousand resamples are one matrix product, and value and resamples come from the same code.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

CLASS_COUNT = 3
_CELLS = CLASS_COUNT**2
_MOMENTS = ("rating", "score", "rating_squared", "score_squared", "product", "absolute_error", "error")
WIDTH = _CELLS + len(_MOMENTS)
"""Summands per utterance: the confusion matrix, then the moments of rating and score."""

_FLAT = 1e-12  # a variance this far below its second moment is rounding, not variance


def summands(actual: ArrayLike, predicted: ArrayLike, rating: ArrayLike, score: ArrayLike) -> Array:
    """One row per utterance, to be added up: ``(n,)`` each -> ``(n, WIDTH)``.

    Args:
        actual, predicted: classes 0, 1, 2.
        rating, score: true and predicted rating, 1 to 5. Moments are taken about the first of each, which no score
            notices and which makes those of a constant exactly zero.

    Raises:
        ValueError: no utterances, or a class outside 0 to 2.
    """
    truth, guess = np.asarray(actual, dtype=np.intp), np.asarray(predicted, dtype=np.intp)
    if not len(truth):
        raise ValueError("no utterances to score")
    if min(truth.min(), guess.min()) < 0 or max(truth.max(), guess.max()) >= CLASS_COUNT:
        raise ValueError(f"classes must be 0 to {CLASS_COUNT - 1}")
    x, y = np.asarray(rating, dtype=np.float64), np.asarray(score, dtype=np.float64)
    cells = np.eye(_CELLS)[truth * CLASS_COUNT + guess]
    dx, dy, error = x - x[0], y - y[0], y - x
    return np.column_stack([cells, dx, dy, dx**2, dy**2, dx * dy, np.abs(error), error])


def confusion(sums: Array) -> Array:
    """Counts by true class (rows) and predicted class (columns): ``(..., WIDTH)`` -> ``(..., 3, 3)``."""
    return sums[..., :_CELLS].reshape(*sums.shape[:-1], CLASS_COUNT, CLASS_COUNT)


def absent_classes(sums: Array) -> list[int]:
    """Classes without a single true utterance, which UAR and macro F1 leave out: ``(WIDTH,)`` -> their numbers."""
    return [int(c) for c in np.flatnonzero(confusion(sums).sum(axis=-1) == 0)]


def uar(sums: Array) -> Array:
    """Unweighted average recall over the classes that occur in the truth, 0 to 1."""
    counts = confusion(sums)
    occurring = counts.sum(axis=-1)
    return _mean_over_occurring(_diagonal(counts) / np.maximum(occurring, 1), occurring)


def macro_f1(sums: Array) -> Array:
    """F1 averaged over the classes that occur in the truth, 0 to 1."""
    counts = confusion(sums)
    occurring, guessed = counts.sum(axis=-1), counts.sum(axis=-2)
    f1 = 2 * _diagonal(counts) / np.maximum(occurring + guessed, 1)
    return _mean_over_occurring(f1, occurring)


def accuracy(sums: Array) -> Array:
    """Share of utterances whose class is right, 0 to 1."""
    return _diagonal(confusion(sums)).sum(axis=-1) / _count(sums)


def ccc(sums: Array) -> Array:
    """Lin's concordance correlation, -1 to 1: ``2 cov / (var_x + var_y + (mean_x - mean_y)^2)``, all with ddof 0.

    A constant prediction, or a constant truth, scores 0.
    """
    mean_x, mean_y = _mean(sums, "rating"), _mean(sums, "score")
    square_x, square_y = _mean(sums, "rating_squared"), _mean(sums, "score_squared")
    variance_x, variance_y = square_x - mean_x**2, square_y - mean_y**2
    covariance = _mean(sums, "product") - mean_x * mean_y
    flat = (variance_x <= _FLAT * square_x) | (variance_y <= _FLAT * square_y)
    spread = variance_x + variance_y + bias(sums) ** 2
    return np.where(flat, 0.0, 2 * covariance / np.where(flat, 1.0, spread))


def mae(sums: Array) -> Array:
    """Mean absolute error of the predicted rating, in rating points."""
    return _mean(sums, "absolute_error")


def bias(sums: Array) -> Array:
    """Mean of predicted minus true rating, in rating points."""
    return _mean(sums, "error")


SCORES: dict[str, Callable[[Array], Array]] = {
    "uar": uar,
    "ccc": ccc,
    "mae": mae,
    "bias": bias,
    "accuracy": accuracy,
    "macro_f1": macro_f1,
}
"""Every score by name: sums ``(..., WIDTH)`` -> ``(...)``."""


def _count(sums: Array) -> Array:
    return sums[..., :_CELLS].sum(axis=-1)


def _mean(sums: Array, moment: str) -> Array:
    return sums[..., _CELLS + _MOMENTS.index(moment)] / _count(sums)


def _diagonal(counts: Array) -> Array:
    return np.diagonal(counts, axis1=-2, axis2=-1)


def _mean_over_occurring(per_class: Array, occurring: Array) -> Array:
    return np.where(occurring > 0, per_class, 0.0).sum(axis=-1) / (occurring > 0).sum(axis=-1)
