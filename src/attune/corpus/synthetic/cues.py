"""Which part of an utterance carries its emotion."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MARGIN = 0.05
"""Seconds of silence at both ends."""


class Cue(NamedTuple):
    """The part of an utterance that carries its emotion, in seconds from the utterance's start."""

    start: float
    end: float


Cues = Callable[[float, np.random.Generator], Cue]
"""Draws the cue of an utterance, given its length in seconds."""


def anywhere(low: float, high: float) -> Cues:
    """Place a cue of `low` to `high` of the utterance anywhere it fits; the longer, the more often in the middle."""

    def draw(seconds: float, rng: np.random.Generator) -> Cue:
        length = min(seconds * rng.uniform(low, high), seconds - 2 * MARGIN)
        start = rng.uniform(MARGIN, seconds - MARGIN - length)
        return Cue(round(start, 3), round(start + length, 3))

    return draw


def evenly(low: float, high: float) -> Cues:
    """Cut the utterance into parts of `low` to `high` of it and choose one at random: no instant is favoured."""
    count = _parts(low, high)

    def draw(seconds: float, rng: np.random.Generator) -> Cue:
        shares = _within(rng.uniform(low, high, count), low, high)
        ends = np.append(0.0, np.cumsum(shares))
        ends[-1] = 1.0
        chosen = rng.integers(count)
        return Cue(*(round(float(end) * seconds, 3) for end in ends[chosen : chosen + 2]))

    return draw


def _parts(low: float, high: float) -> int:
    """Return how many equal parts are nearest in size to the mean of `low` and `high`; `attune.params` ensures one."""
    return min(range(2, 21), key=lambda count: abs(1 / count - (low + high) / 2) if low <= 1 / count <= high else 1.0)


def _within(drawn: Array, low: float, high: float) -> Array:
    """Return shares of 1, as unequal as drawn, or less so where one would exceed the limits."""
    equal = 1 / len(drawn)
    odds = drawn / drawn.sum() - equal
    room = np.where(odds > 0, high - equal, equal - low)
    with np.errstate(divide="ignore", invalid="ignore"):
        most = np.nanmin(np.where(odds == 0, 1.0, room / np.abs(odds)))
    return np.asarray(equal + odds * min(1.0, max(0.0, float(most))))
