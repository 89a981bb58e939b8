"""Does attention find a cue whose position is known? Ties count as the average over picking one of them at random."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Inside = NDArray[np.bool_]


class Span(NamedTuple):
    """Where a cue begins and ends, as shares of the utterance's windows."""

    start: float
    end: float

    @classmethod
    def of(cls, inside: Inside) -> "Span":
        """Return the span of a mask ``(L,)`` of the windows in the cue, which has no gaps."""
        where = np.flatnonzero(inside)
        return cls(where[0] / len(inside), (where[-1] + 1) / len(inside))

    def windows(self, length: int) -> tuple[int, int]:
        """Return the first window and the one after the last in an utterance of `length` windows; at least one."""
        start = min(round(self.start * length), length - 1)
        return start, max(round(self.end * length), start + 1)


def tells(inside: Inside) -> bool:
    """Return whether there is anything to find: some windows are in the cue and some are not."""
    return bool(inside.any() and not inside.all())


def top(strength: Array) -> Array:
    """Return weight 1 on the strongest window ``(..., L)``, divided among ties."""
    strongest = strength == strength.max(axis=-1, keepdims=True)
    shares: Array = strongest / strongest.sum(axis=-1, keepdims=True)
    return shares


def captured(weights: Array, spans: list[tuple[int, int]]) -> Array:
    """Return the share of weights ``(series, L)`` in each span of windows: ``(series, spans)``.

    For `top` weights this is the pointing game: 1 if the strongest window is in the span, 0 if not.
    """
    summed = np.concatenate([np.zeros((len(weights), 1)), np.cumsum(weights, axis=1)], axis=1)
    starts, ends = np.array(spans).T
    inside: Array = (summed[:, ends] - summed[:, starts]) / summed[:, -1:]
    return inside


def precision(strength: Array, inside: Inside) -> float:
    """Return the share of the strongest windows, as many as the cue has, that is in the cue."""
    wanted = int(inside.sum())
    threshold = np.partition(strength, -wanted)[-wanted]
    above, tied = strength > threshold, strength == threshold
    return float(inside[above].sum() + (wanted - above.sum()) * inside[tied].mean()) / wanted
