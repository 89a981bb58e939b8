"""What could the best predictor reach? Labels are means of a few raters, so even the truth would not score 1.

The truth is the mean of infinitely many raters. Raters are assumed to scatter about it independently and with the same
variance, which is estimated from their spread within utterances. The distribution of the truth is then the one that
makes the labels likeliest (maximum likelihood by EM, Laird 1978, stopped early, which keeps it smooth), and both
ceilings follow from it exactly. Errors that all raters share do not show.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Array = NDArray[np.float64]
ToClass = Callable[[Array], NDArray[np.int8]]

LOWEST, HIGHEST = 1.0, 5.0
GRID = np.linspace(LOWEST - 0.5, HIGHEST + 0.5, 101)
"""Possible true values; ratings end at 1 and 5."""

ITERATIONS = 100
_FINE = 0.05  # width of the bins of labels that are not on a grid of whole ratings
_LEAST = 0.05  # smallest rater noise (standard deviation)
_TINY = 1e-300
_ROUNDING = 1 / 12  # variance that rounding to whole ratings adds


class Ceiling(NamedTuple):
    """UAR and CCC of the best predictor, and the standard deviation of a rater about the truth."""

    uar: float
    ccc: float
    noise: float


def noise_variance(spread: Array, raters: Array, times: Array | None = None) -> float:
    """Return the variance of a rating about the truth, pooled over utterances with several raters; NaN without any.

    Args:
        spread: ``(n,)``, the standard deviation within each utterance (n - 1).
        raters: ``(n,)``, the number of raters.
        times: ``(n,)``, how often each utterance counts.
    """
    several = (raters > 1) & ~np.isnan(spread)
    degrees = np.where(several, raters - 1, 0) * (1 if times is None else times)
    total = degrees.sum()
    return float((degrees * np.where(several, spread, 0) ** 2).sum() / total) if total else float("nan")


def ceiling(labels: Array, raters: Array, noise: float, to_class: ToClass, times: Array | None = None) -> Ceiling:
    """Return the best UAR and CCC that can be reached on labels ``(n,)``, each the mean of `raters` ``(n,)`` ratings.

    Args:
        noise: variance of one rating about the truth, from `noise_variance`.
        to_class: maps labels to classes.
        times: ``(n,)``, how often each utterance counts.
    """
    counts = np.ones(len(labels)) if times is None else times.astype(np.float64)
    panels = [_panel(int(k), labels, raters, counts, noise) for k in np.unique(raters[counts > 0])]
    weights = np.concatenate([panel.counts for panel in panels])
    likely = np.concatenate([panel.likely for panel in panels], axis=1)
    truth = _truth(likely, weights, labels, counts, noise)
    values = np.concatenate([panel.values for panel in panels])
    shares = np.concatenate([np.full(len(panel.values), panel.counts.sum()) for panel in panels]) / weights.sum()
    given = likely * shares  # (grid, labels): P(label | true value)
    return Ceiling(_uar(truth, given, to_class(values)), _ccc(truth, given, values), float(np.sqrt(noise)))


class _Panel(NamedTuple):
    """All utterances with the same number of raters: possible labels, how often each occurs, P(label | true value)."""

    values: Array
    counts: Array
    likely: Array


def _panel(k: int, labels: Array, raters: Array, counts: Array, noise: float) -> _Panel:
    own = raters == k
    if _whole(labels, raters):
        single = _rating(np.sqrt(max(noise - _ROUNDING, _LEAST**2)))
        likely = single
        for _ in range(k - 1):
            likely = _summed(likely, single)
        values = LOWEST + np.arange(likely.shape[1]) / k
        place = np.rint((labels[own] - LOWEST) * k).astype(np.intp)
    else:
        edges = np.arange(LOWEST - 1, HIGHEST + 1 + _FINE, _FINE)
        values = (edges[1:] + edges[:-1]) / 2
        likely = np.diff(ndtr((edges - GRID[:, None]) / np.sqrt(max(noise / k, _LEAST**2))), axis=1)
        place = np.searchsorted(edges, labels[own], side="right") - 1
    place = np.clip(place, 0, len(values) - 1)
    return _Panel(values, np.bincount(place, counts[own], len(values)).astype(np.float64), likely)


def _whole(labels: Array, raters: Array) -> bool:
    """Return whether every rating may have been a whole number."""
    sums = labels * raters
    return bool(np.abs(sums - np.rint(sums)).max() < 1e-6)


def _summed(one: Array, other: Array) -> Array:
    """Return the distribution of the sum of two numbers from 0, given that of each: ``(grid, numbers)``."""
    found = np.zeros((len(one), one.shape[1] + other.shape[1] - 1))
    for number in range(other.shape[1]):
        found[:, number : number + one.shape[1]] += one * other[:, [number]]
    return found


def _rating(deviation: float) -> Array:
    """Return P(whole rating | true value): ``(grid, 5)``."""
    edges = np.concatenate([[-np.inf], np.arange(LOWEST + 0.5, HIGHEST), [np.inf]])
    return np.diff(ndtr((edges - GRID[:, None]) / deviation), axis=1)


def _truth(likely: Array, weights: Array, labels: Array, counts: Array, noise: float) -> Array:
    """Return the distribution of the truth, ``(grid,)``."""
    mean = np.average(labels, weights=counts)
    variance = max(float(np.average((labels - mean) ** 2, weights=counts)) - noise / 2, 0.1)
    deviation = np.sqrt(variance)
    truth: Array = np.exp(-(((GRID - mean) / deviation) ** 2) / 2) / np.sqrt(2 * np.pi) / deviation
    truth /= truth.sum()
    seen = weights > 0
    wanted, given = weights[seen] / weights.sum(), np.ascontiguousarray(likely[:, seen])
    backward = np.ascontiguousarray(given.T)
    for _ in range(ITERATIONS):
        truth = truth * ((wanted / (truth @ given + _TINY)) @ backward)
    return np.asarray(truth / truth.sum())


def _uar(truth: Array, given: Array, classes: NDArray[np.int8]) -> float:
    """Return UAR under the rule that maximises it: the class with the largest P(class | true value) / P(class)."""
    numbers = np.unique(classes)
    of_class = np.stack([given[:, classes == number].sum(axis=1) for number in numbers], axis=1)
    base = truth @ of_class
    occurring = base > 1e-9
    recalled = of_class[:, occurring] / base[occurring]
    return float((truth * recalled.max(axis=1)).sum() / occurring.sum())


def _ccc(truth: Array, given: Array, values: Array) -> float:
    """Return the correlation of truth and label: the CCC if predictions vary as much as labels."""
    said = given @ values
    mean = truth @ said
    felt, labels = truth @ (said - mean) ** 2, truth @ (given @ (values - mean) ** 2)
    return float(np.sqrt(felt / labels)) if labels > 0 else 0.0
