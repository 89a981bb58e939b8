"""Hierarchical bootstrap: speakers, the dialogs of each, the utterances of each dialog, all drawn with replacement.

Utterances of one speaker and one dialog resemble each other, so they are drawn together. A resample is a row of
counts, how often each utterance was drawn, in the smallest integers that suffice; any sum over utterances is resampled
by a matrix product.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta

Array = NDArray[np.float64]
Draws = NDArray[np.integer]

_BLOCK = 25  # resamples converted to float64 at a time, to bound memory


class Estimate(NamedTuple):
    """A value with its percentile interval and the number of utterances behind it."""

    value: float
    low: float
    high: float
    n: int


class Difference(NamedTuple):
    """A paired difference with its percentile interval and two-sided p-value."""

    value: float
    low: float
    high: float
    p: float


def draw(speakers: ArrayLike, dialogs: ArrayLike, *, resamples: int, seed: int) -> Draws:
    """Return how often each utterance is drawn in each resample: ``(n,)`` labels -> ``(resamples, n)`` counts.

    A speaker with D dialogs who is drawn c times gets c D draws among them, and so on down to utterances; successive
    draws are one multinomial draw per cluster. A dialog counts once per speaker. Where no speaker has two utterances,
    speakers are not known, and dialogs are drawn first.
    """
    rng = np.random.default_rng(seed)
    counts: Draws = np.zeros((resamples, np.size(speakers)), dtype=np.uint8)
    if not counts.size:
        return counts
    speaker_names, speaker_of = np.unique(_outermost(speakers, dialogs), return_inverse=True)
    dialog_of = np.unique(np.asarray(dialogs), return_inverse=True)[1]
    drawn_speakers = _spread(rng, np.ones(resamples, dtype=np.int64), len(speaker_names))
    of_speakers = np.split(np.argsort(speaker_of, kind="stable"), np.cumsum(np.bincount(speaker_of))[:-1])
    for speaker, own in enumerate(of_speakers):
        own_dialogs = np.unique(dialog_of[own])
        drawn_dialogs = _spread(rng, drawn_speakers[:, speaker], len(own_dialogs))
        for column, dialog in enumerate(own_dialogs):
            members = own[dialog_of[own] == dialog]
            drawn = _spread(rng, drawn_dialogs[:, column], len(members))
            counts = counts.astype(np.promote_types(counts.dtype, np.min_scalar_type(drawn.max())), copy=False)
            counts[:, members] = drawn
    return counts


def _outermost(speakers: ArrayLike, dialogs: ArrayLike) -> NDArray[Any]:
    """Return the speakers ``(n,)``, or the dialogs where no speaker has two utterances."""
    names = np.asarray(speakers)
    return names if len(np.unique(names)) < len(names) else np.asarray(dialogs)


def _spread(rng: np.random.Generator, times: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Draw `size` members with replacement, `times` times over: ``(resamples,)`` -> ``(resamples, size)``."""
    return rng.multinomial(times * size, np.full(size, 1 / size))


def resampled_sums(rows: Array, draws: Draws, columns: NDArray[np.intp] | None = None) -> Array:
    """Sum the rows of each resample: ``(n, k)`` and ``(resamples, n)`` -> ``(resamples, k)``.

    Args:
        columns: ``(n,)``, the column of `draws` for each row, if `draws` is for other utterances or in another order.
    """
    blocks = np.array_split(draws, max(1, len(draws) // _BLOCK))
    chosen = slice(None) if columns is None else columns
    return np.concatenate([block[:, chosen].astype(np.float64) @ rows for block in blocks])


def clusters(speakers: ArrayLike, dialogs: ArrayLike) -> int:
    """Return how many clusters are independent: the speakers; of one speaker the dialogs; of one dialog, utterances.

    Where no speaker has two utterances, speakers are not known, and dialogs come first.

    >>> clusters(["A", "A", "B"], [1, 2, 3]), clusters(["A", "A", "A"], [1, 2, 2]), clusters(["A", "A"], [1, 1])
    (2, 2, 2)
    >>> clusters(["A", "B", "C"], [1, 1, 2])
    2
    """
    counts = [len(np.unique(np.asarray(labels))) for labels in (_outermost(speakers, dialogs), dialogs)]
    return next((count for count in counts if count > 1), np.size(speakers))


def interval(samples: Array, confidence: float, of_share: int | None = None) -> tuple[float, float]:
    """Return the percentile interval of ``(resamples,)`` values.

    Args:
        of_share: for a share, from how many independent clusters. Where all resamples of a share are 0, or all are 1,
            nothing varies that could be resampled, and the interval is Clopper and Pearson's, which takes a cluster
            for one observation.
    """
    low, high = np.quantile(samples, [(1 - confidence) / 2, (1 + confidence) / 2])
    if of_share and low == high and low in (0, 1):
        return _exact(int(low), of_share, confidence)
    return float(low), float(high)


def around(value: float, ends: tuple[float, float]) -> tuple[float, float]:
    """Widen an interval to include its value.

    Resamples of few utterances may all be on one side of it: UAR leaves out a class that was not drawn, and
    calibration error grows where utterances are repeated.
    """
    return min(value, ends[0]), max(value, ends[1])


def _exact(share: int, n: int, confidence: float) -> tuple[float, float]:
    """Return Clopper and Pearson's interval of a share that is 0 or 1 in `n` observations."""
    tail = (1 - confidence) / 2
    return (0.0, float(beta.ppf(1 - tail, 1, n))) if share == 0 else (float(beta.ppf(tail, n, 1)), 1.0)


def least_p(independent: int | None) -> float:
    """Return the smallest two-sided p of that many clusters: that of a sign test if all are on one side of zero.

    Resamples of few clusters are all on one side much more often than that; without a number, p is as resampled.
    """
    return 0.0 if independent is None else min(1.0, 2.0 ** (1 - independent))


def mean(values: ArrayLike, draws: Draws, confidence: float, of_share: int | None = None) -> Estimate:
    """Return the mean over utterances with its interval; NaN marks an utterance that does not count.

    Args:
        of_share: as for `interval`.

    Raises:
        ValueError: no value counts.
    """
    column = np.asarray(values, dtype=np.float64)
    counts = ~np.isnan(column)
    if not counts.any():
        raise ValueError("no value to average")
    sums = resampled_sums(np.column_stack([np.where(counts, column, 0.0), counts]), draws)
    some = sums[sums[:, 1] > 0]
    low, high = interval(some[:, 0] / some[:, 1], confidence, of_share)
    return Estimate(float(column[counts].mean()), low, high, int(counts.sum()))


def paired_difference(
    a: Array,
    b: Array,
    score: Callable[[Array], Array],
    draws: Draws,
    confidence: float,
    columns: NDArray[np.intp] | None = None,
    independent: int | None = None,
) -> Difference:
    """Return the score of `a` minus that of `b` on the same utterances, with the same resamples for both.

    Args:
        a, b: summands ``(n, k)`` of the two systems, row i of both being the same utterance.
        score: sums ``(..., k)`` -> ``(...)``, such as one of `attune.evaluation.scores.SCORES`.
        draws: ``(resamples, n)``, from `draw`.
        columns: as for `resampled_sums`.
        independent: how many clusters the utterances are from, see `clusters`.

    Returns:
        The difference, its interval, and p: twice the share of resamples on the rarer side of zero (zero itself
        belongs to both sides), with one added to both counts so that it is never 0; at least `least_p`.
    """
    if a.shape != b.shape:
        raise ValueError(f"not the same utterances: {len(a)} against {len(b)}")
    value = float(score(a.sum(axis=0)) - score(b.sum(axis=0)))
    samples = score(resampled_sums(a, draws, columns)) - score(resampled_sums(b, draws, columns))
    return difference_of(value, samples, confidence, independent)


def difference_of(value: float, samples: Array, confidence: float, independent: int | None = None) -> Difference:
    """Return a difference with interval and p from its value in each resample, ``(resamples,)``.

    See `paired_difference` for p.
    """
    return Difference(value, *interval(samples, confidence), p=two_sided(samples, independent))


def two_sided(samples: Array, independent: int | None = None) -> float:
    """Return the p that ``(resamples,)`` values give for zero, from so many independent clusters."""
    rarer = min((samples <= 0).sum(), (samples >= 0).sum())
    return max(least_p(independent), min(1.0, 2 * float(rarer + 1) / (len(samples) + 1)))


def gain_of(value: float, samples: Array, confidence: float, independent: int | None = None) -> Difference:
    """Return the same for testing only a gain: p is one-sided, the share of resamples without any."""
    p = max(least_p(independent) / 2, float((samples <= 0).sum() + 1) / (len(samples) + 1))
    return Difference(value, *interval(samples, confidence), p=p)


def holm(p: Sequence[float]) -> list[float]:
    """Return p-values of one family with Holm's step-down adjustment, in the order given."""
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted.tolist()
