"""Scores of classes and ratings, each a function of sums over utterances.

An utterance becomes one row of summands; summing rows, each as often as a bootstrap drew it, gives the sums of a
resample. Thus a thousand resamples are one matrix product, and value and resamples come from the same code.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attune.tasks import CLASSES, Task

Array = NDArray[np.float64]

_MOMENTS = ("rating", "score", "rating_squared", "score_squared", "product", "absolute_error", "error")
"""Moments of rating and score; they follow the confusion matrix, ``classes * classes`` cells, in an utterance's row."""

_FLAT = 1e-12  # a variance that is smaller than this share of its second moment is rounding


def summands(
    actual: ArrayLike, predicted: ArrayLike, rating: ArrayLike, score: ArrayLike, classes: int = len(CLASSES)
) -> Array:
    """Return one row per utterance, to be summed: ``(n,)`` each -> ``(n, WIDTH)``, WIDTH being ``classes ** 2 + 7``.

    Args:
        actual, predicted: classes 0, 1, 2 and so on.
        rating, score: true and predicted rating; not used for categories. Moments are taken about the first of each,
            which affects no score and makes those of a constant exactly zero.

    Raises:
        ValueError: there are no utterances, or a class is outside 0 to ``classes - 1``.
    """
    truth, guess = np.asarray(actual, dtype=np.intp), np.asarray(predicted, dtype=np.intp)
    if not len(truth):
        raise ValueError("no utterances to score")
    if min(truth.min(), guess.min()) < 0 or max(truth.max(), guess.max()) >= classes:
        raise ValueError(f"classes must be 0 to {classes - 1}")
    x, y = np.asarray(rating, dtype=np.float64), np.asarray(score, dtype=np.float64)
    cells = np.eye(classes**2)[truth * classes + guess]
    dx, dy, error = x - x[0], y - y[0], y - x
    return np.column_stack([cells, dx, dy, dx**2, dy**2, dx * dy, np.abs(error), error])


def confusion(sums: Array) -> Array:
    """Return counts by true (rows) and predicted class (columns): ``(..., WIDTH)`` -> ``(..., classes, classes)``."""
    classes = math.isqrt(sums.shape[-1] - len(_MOMENTS))
    return sums[..., : -len(_MOMENTS)].reshape(*sums.shape[:-1], classes, classes)


def drawn(sums: Array) -> NDArray[np.bool_]:
    """Return which resamples drew any utterance at all: ``(..., WIDTH)`` -> ``(...)``."""
    return np.asarray(confusion(sums).sum(axis=(-2, -1)) > 0)


def absent_classes(sums: Array) -> list[int]:
    """Return the numbers of classes without a true utterance, which UAR and macro F1 leave out, from ``(WIDTH,)``."""
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
    """Share of utterances whose class is predicted correctly, 0 to 1."""
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

OF_CLASSES = ("uar", "accuracy", "macro_f1")
"""The scores of classes alone, which categories have too."""


def names(task: Task) -> list[str]:
    """Return the names of a task's scores."""
    return [name for name in SCORES if task.rated or name in OF_CLASSES]


def _count(sums: Array) -> Array:
    return sums[..., : -len(_MOMENTS)].sum(axis=-1)


def _mean(sums: Array, moment: str) -> Array:
    return sums[..., _MOMENTS.index(moment) - len(_MOMENTS)] / _count(sums)


def _diagonal(counts: Array) -> Array:
    return np.diagonal(counts, axis1=-2, axis2=-1)


def _mean_over_occurring(per_class: Array, occurring: Array) -> Array:
    return np.where(occurring > 0, per_class, 0.0).sum(axis=-1) / (occurring > 0).sum(axis=-1)
