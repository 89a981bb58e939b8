"""What could the best predictor reach? Labels are means of a few raters, so even the truth would not score 1.

The truth is what endlessly many raters would say on average. Raters scatter about it independently and alike; how far
they do is estimated from how far those of one utterance are apart. The distribution of the truth is then the one that
makes the labels likeliest (maximum likelihood by EM, Laird 1978, stopped early, which keeps it smooth), and both
ceilings follow from it exactly. What all raters get wrong together does not show.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

Array = NDArray[np.float64]
ToClass = Callable[[Array], NDArray[np.int8]]

LOWEST, HIGHEST = 1.0, 5.0
GRID = np.linspace(LOWEST - 0.5, HIGHEST + 0.5, 101)
"""What may be felt; ratings end at 1 and 5."""

ITERATIONS = 100
_FINE = 0.05  # width of the bins of labels that are not on a grid of whole ratings
_LEAST = 0.05  # rater noise that is taken for none
_TINY = 1e-300
_ROUNDING = 1 / 12  # variance that rounding to whole ratings adds


class Ceiling(NamedTuple):
    """UAR and CCC of the best predictor, and how far a rater is from the truth (standard deviation)."""

    uar: float
    ccc: float
    noise: float


def noise_variance(spread: Array, raters: Array, times: Array | None = None) -> float:
    """Variance of one rating about the truth, pooled over utterances with at least two raters; NaN without any.

    Args:
        spread: ``(n,)``, the standard deviation within each utterance (n - 1).
        raters: ``(n,)``, how many there are.
        times: ``(n,)``, how often each utterance counts.
    """
    several = (raters > 1) & ~np.isnan(spread)
    degrees = np.where(several, raters - 1, 0) * (1 if times is None else times)
    total = degrees.sum()
    return float((degrees * np.where(several, spread, 0) ** 2).sum() / total) if total else float("nan")


def ceiling(labels: Array, raters: Array, noise: float, to_class: ToClass, times: Array | None = None) -> Ceiling:
    """The best UAR and CCC that can be reached on labels ``(n,)``, each the mean of so many raters ``(n,)``.

    Args:
        noise: variance of one rating about the truth, of `noise_variance`.
        to_class: from labels to classes.
        times: ``(n,)``, how often each utterance counts.
    """
    counts = np.ones(len(labels)) if times is None else times.astype(np.float64)
    panels = [_panel(int(k), labels, raters, counts, noise) for k in np.unique(raters[counts > 0])]
    weights = np.concatenate([panel.counts for panel in panels])
    likely = np.concatenate([panel.likely for panel in panels], axis=1)
    truth = _truth(likely, weights, labels, counts, noise)
    values = np.concatenate([panel.values for panel in panels])
    shares = np.concatenate([np.full(len(panel.values), panel.counts.sum()) for panel in panels]) / weights.sum()
    given = likely * shares  # (grid, labels): how probable each label is where this is felt
    return Ceiling(_uar(truth, given, to_class(values)), _ccc(truth, given, values), float(np.sqrt(noise)))


class _Panel(NamedTuple):
    """All utterances with one number of raters: the labels there can be, how often each is, P(label | felt)."""

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
        likely = np.diff(norm.cdf(edges, GRID[:, None], np.sqrt(max(noise / k, _LEAST**2))), axis=1)
        place = np.searchsorted(edges, labels[own], side="right") - 1
    place = np.clip(place, 0, len(values) - 1)
    return _Panel(values, np.bincount(place, counts[own], len(values)).astype(np.float64), likely)


def _whole(labels: Array, raters: Array) -> bool:
    """Whether every rating may have been a whole number."""
    sums = labels * raters
    return bool(np.abs(sums - np.rint(sums)).max() < 1e-6)


def _summed(one: Array, other: Array) -> Array:
    """How the sum of two numbers from 0 is distributed, by what each one's distribution is: ``(grid, numbers)``."""
    found = np.zeros((len(one), one.shape[1] + other.shape[1] - 1))
    for number in range(other.shape[1]):
        found[:, number : number + one.shape[1]] += one * other[:, [number]]
    return found


def _rating(deviation: float) -> Array:
    """P(whole rating | felt): ``(grid, 5)``."""
    edges = np.concatenate([[-np.inf], np.arange(LOWEST + 0.5, HIGHEST), [np.inf]])
    return np.diff(norm.cdf(edges, GRID[:, None], deviation), axis=1)


def _truth(likely: Array, weights: Array, labels: Array, counts: Array, noise: float) -> Array:
    """The distribution of what is felt, ``(grid,)``."""
    mean = np.average(labels, weights=counts)
    variance = max(float(np.average((labels - mean) ** 2, weights=counts)) - noise / 2, 0.1)
    truth: Array = norm.pdf(GRID, mean, np.sqrt(variance))
    truth /= truth.sum()
    seen = weights > 0
    wanted, given = weights[seen] / weights.sum(), np.ascontiguousarray(likely[:, seen])
    backward = np.ascontiguousarray(given.T)
    for _ in range(ITERATIONS):
        truth = truth * ((wanted / (truth @ given + _TINY)) @ backward)
    return np.asarray(truth / truth.sum())


def _uar(truth: Array, given: Array, classes: NDArray[np.int8]) -> float:
    """With the rule that serves UAR best: the class whose own share of the felt value is largest."""
    numbers = np.unique(classes)
    of_class = np.stack([given[:, classes == number].sum(axis=1) for number in numbers], axis=1)
    base = truth @ of_class
    occurring = base > 1e-9
    recalled = of_class[:, occurring] / base[occurring]
    return float((truth * recalled.max(axis=1)).sum() / occurring.sum())


def _ccc(truth: Array, given: Array, values: Array) -> float:
    """The correlation of truth and label: what CCC is once the predictions vary as much as the labels."""
    said = given @ values
    mean = truth @ said
    felt, labels = truth @ (said - mean) ** 2, truth @ (given @ (values - mean) ** 2)
    return float(np.sqrt(felt / labels)) if labels > 0 else 0.0
