"""Is the worst speaker worse than the worst of as many would be by chance?

The worst of ten is always worse than the mean. If all speakers were alike, their dialogs could be exchanged: how much
better or worse each was answered than its classes are on average. Answers in a dialog resemble each other, so that
exchanging them one by one, within each true class, would find speakers different where dialogs alone are.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attune.evaluation.bootstrap import Array, interval

End = Literal["worst", "best"]

_ROUNDING = 1e-12  # difference of two sums of the same recalls


class Extreme(NamedTuple):
    """The worst or best speaker's UAR, and what it would be if speakers were alike: mean, interval, one-sided p."""

    end: End
    speaker: str
    value: float
    n: int
    expected: float
    low: float
    high: float
    p: float


def extremes(
    actual: NDArray[np.intp], predicted: NDArray[np.intp], speakers: NDArray[np.str_], dialogs: NDArray[np.str_], *,
    rounds: int, seed: int, confidence: float,
) -> list[Extreme]:  # fmt: skip
    """Return the worst and the best of all speakers; nothing if there is only one, or all have the same UAR.

    Args:
        actual, predicted: classes ``(n,)``.
        speakers, dialogs: ``(n,)``, of each utterance; answers are exchanged where every speaker has one dialog.
        rounds: number of random exchanges.
    """
    names, who = np.unique(speakers, return_inverse=True)
    classes = int(actual.max()) + 1
    cells, counts = who * classes + actual, np.bincount(who, minlength=len(names))
    sizes = np.bincount(cells, minlength=len(names) * classes).reshape(len(names), classes)
    right = (actual == predicted).astype(np.float64)
    own = _uar(right, cells, sizes)
    if np.ptp(own) < _ROUNDING:
        return []
    recalls = np.bincount(actual, right) / np.maximum(np.bincount(actual), 1)
    alike = _uar(recalls[actual], cells, sizes)
    weights = 1 / (sizes.ravel()[cells] * (sizes > 0).sum(axis=1)[who])
    parts, whose, members = _exchangeable(who, dialogs, actual)
    shares = np.bincount(parts, weights)
    over = np.bincount(parts, weights * (right - recalls[actual])) / shares
    rng = np.random.default_rng(seed)
    differences = [np.bincount(whose, shares * _exchanged(over, members, rng), len(names)) for _ in range(rounds)]
    exchanged = np.clip(alike + np.stack(differences), 0, 1)
    found: list[Extreme] = []
    for end, place, ends in (
        ("worst", int(own.argmin()), exchanged.min(axis=1)),
        ("best", int(own.argmax()), exchanged.max(axis=1)),
    ):
        as_far = ends <= own[place] + _ROUNDING if end == "worst" else ends >= own[place] - _ROUNDING
        p = float(as_far.sum() + 1) / (rounds + 1)
        null = (float(ends.mean()), *interval(ends, confidence))
        found.append(Extreme(end, str(names[place]), float(own[place]), int(counts[place]), *null, p))  # type: ignore[arg-type]
    return found


def _exchangeable(
    who: NDArray[np.intp], dialogs: NDArray[np.str_], actual: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp], list[NDArray[np.intp]]]:
    """Return the part that each utterance belongs to, the speaker of each part, and parts that may be exchanged."""
    pairs = np.column_stack([who, np.unique(dialogs, return_inverse=True)[1]])
    found, parts = np.unique(pairs, axis=0, return_inverse=True)
    if len(found) > who.max() + 1:
        return parts, found[:, 0], [np.arange(len(found))]
    return np.arange(len(who)), who, [np.flatnonzero(actual == number) for number in np.unique(actual)]


def _exchanged(values: Array, members: list[NDArray[np.intp]], rng: np.random.Generator) -> Array:
    result = np.empty_like(values)
    for own in members:
        result[own] = values[rng.permutation(own)]
    return result


def _uar(right: Array, cells: NDArray[np.intp], sizes: NDArray[np.intp]) -> Array:
    """Return UAR by speaker, over the classes that occur in his or her speech: ``(speakers,)``."""
    hits = np.bincount(cells, right, minlength=sizes.size).reshape(sizes.shape)
    recalls = np.where(sizes > 0, hits / np.maximum(sizes, 1), 0.0)
    uar: Array = recalls.sum(axis=1) / (sizes > 0).sum(axis=1)
    return uar
