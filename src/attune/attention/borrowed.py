"""Does attention fit its own utterance better than others of its length? A null that keeps what position explains.

Attention prefers some positions, such as the edges; cues are in the middle and ends are quiet. Against chance, or
against shifted attention, that alone looks like a finding. Here the cue and the level of another utterance, stretched
to this one's length, replace its own: they prefer the same positions and are otherwise unrelated to this attention.
Exchanging them at random within groups of similar length is an exact permutation test of "nothing but position and
length".
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Positions = NDArray[np.intp]

BARS = 30
"""Bars in the histogram of a null."""

GROUP = 24
"""Utterances of similar length that are exchanged with each other."""

_ROUNDING = 1e-9  # tolerance for sums in another order
_NARROW = 1e-6

Statistic = Callable[[int, Positions], Array]
"""An utterance's position and its group's (members,) -> how its attention fits each member: (series, members)."""


class Histogram(NamedTuple):
    """How many values are in each of the equally wide bars from `low` to `high`."""

    low: float
    high: float
    counts: list[int]


class Test(NamedTuple):
    """The null distribution of a mean: its central interval, a two-sided p-value, and a histogram of it."""

    low: float
    high: float
    p: float
    null: Histogram


class Borrowed:
    """How well each of several series of attention fits its own utterance and the others of similar length."""

    def __init__(self, lengths: Sequence[int], statistic: Statistic) -> None:
        """Compute the statistic for every pair within a group.

        Args:
            lengths: windows of each utterance, at least one utterance.
            statistic: must not return NaN.
        """
        self._groups = groups(lengths)
        self._fits = [np.stack([statistic(int(u), members) for u in members], 1) for members in self._groups]

    def own(self, series: int) -> Array:
        """Return how well attention fits its own utterance: (utterances,)."""
        return self._spread([np.diagonal(fits[series]) for fits in self._fits])

    def expected(self, series: int) -> Array:
        """Return its mean fit to the others of its group: (utterances,), NaN without others."""
        return self._spread([_others(fits[series]) for fits in self._fits])

    def test(self, series: int, counted: NDArray[np.bool_], *, rounds: int, seed: int, confidence: float) -> Test:
        """Compare the mean over the `counted` utterances (utterances,) with random exchanges.

        Args:
            rounds: number of random exchanges; p is at least ``1 / (rounds + 1)``.
        """
        rng = np.random.default_rng(seed)
        sums, own, centre = np.zeros(rounds), 0.0, 0.0
        for members, fits in zip(self._groups, self._fits, strict=True):
            matrix, rows = fits[series], np.flatnonzero(counted[members])
            exchanged = rng.permuted(np.tile(np.arange(len(members)), (rounds, 1)), axis=1)[:, rows]
            sums += matrix[rows, exchanged].sum(axis=1)
            own += matrix[rows, rows].sum()
            centre += matrix[rows].mean(axis=1).sum()
        n = int(counted.sum())
        as_far = np.abs(sums - centre) >= abs(own - centre) - _ROUNDING * n
        low, high = np.quantile(sums / n, [(1 - confidence) / 2, (1 + confidence) / 2])
        return Test(float(low), float(high), float(as_far.sum() + 1) / (rounds + 1), _histogram(sums / n))

    def _spread(self, parts: Sequence[Array]) -> Array:
        values = np.empty(sum(map(len, self._groups)))
        for members, part in zip(self._groups, parts, strict=True):
            values[members] = part
        return values


def _histogram(values: Array) -> Histogram:
    """Return a histogram; values that differ by no more than rounding still get bars."""
    low, high = float(values.min()), float(values.max())
    if high - low < _NARROW:
        low, high = low - _NARROW, high + _NARROW
    counts, edges = np.histogram(values, bins=BARS, range=(low, high))
    return Histogram(float(edges[0]), float(edges[-1]), counts.tolist())


def groups(lengths: Sequence[int]) -> list[Positions]:
    """Return positions of utterances in groups of about `GROUP` of similar length."""
    order = np.argsort(np.asarray(lengths), kind="stable")
    return np.array_split(order, max(1, round(len(order) / GROUP)))


def _others(matrix: Array) -> Array:
    n = len(matrix)
    if n == 1:
        return np.full(1, np.nan)
    off: Array = (matrix.sum(axis=1) - np.diagonal(matrix)) / (n - 1)
    return off
