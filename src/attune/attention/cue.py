"""Does attention find a cue whose place is known? Ties count by what picking one of them at random would give."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Inside = NDArray[np.bool_]


def tells(inside: Inside) -> bool:
    """Whether there is anything to find: some windows are in the cue and some are not."""
    return bool(inside.any() and not inside.all())


def hit(strength: Array, inside: Inside) -> float:
    """Pointing game: is the strongest window ``(L,)`` in the cue? 1 or 0, or between where several are strongest."""
    return float(inside[strength == strength.max()].mean())


def mass(weights: Array, inside: Inside) -> float:
    """Share of attention that lies in the cue; the cue's share of windows if attention were uniform."""
    return float(weights[inside].sum() / weights.sum())


def precision(strength: Array, inside: Inside) -> float:
    """Of the strongest windows, as many as the cue has: the share that is in the cue."""
    wanted = int(inside.sum())
    threshold = np.partition(strength, -wanted)[-wanted]
    above, tied = strength > threshold, strength == threshold
    return float(inside[above].sum() + (wanted - above.sum()) * inside[tied].mean()) / wanted
