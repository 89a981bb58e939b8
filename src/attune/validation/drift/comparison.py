"""How much two sets of recordings differ: levels, durations, pitch, and the balance of their labels.

A measure's effect is the probability that it is larger for an utterance of B than for one of A (ties count half): 0.5
where they are alike. A class's effect is the difference of its shares. Utterances of one speaker are not independent,
so standard errors are over speakers (Obuchowski 1997) and intervals use Student's t; its degrees of freedom are the
number of speakers in the smaller set, less one, where speakers with few utterances count for less (Kish 1965).
Speakers so few that chance separates the sets have no interval. A difference is reported where the whole interval is
beyond a margin.
"""

from collections.abc import Sequence
from math import comb
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata, t

from attune.tasks import Task, Tasks

Array = NDArray[np.float64]
Verdict = Literal["differs", "alike", "open"]

MEASURES = {"level": "dBFS", "duration": "s", "pitch": "Hz"}
"""The measures and their units."""

LITTLE = 0.06
"""Margin of a probability around 0.5: what Cohen calls a small effect (d = 0.2)."""
FEW_POINTS = 0.05
"""Margin of a difference of shares."""
_WAYS = 40
"""Ways to divide all speakers into two such sets; of fewer, even the most extreme has over 5 % to be chance."""
_QUANTILES = (0.05, 0.5, 0.95)


class Side(NamedTuple):
    """One of the two sets."""

    name: str
    table: pd.DataFrame
    """A row per utterance: speaker, `MEASURES` and, where there are labels, a column for each task, from 1 to 5."""
    tasks: Tasks = ()
    undecoded: int = 0
    """Recordings that cannot be decoded and so are left out."""

    @property
    def speakers_known(self) -> bool:
        """Whether any two utterances share a speaker; otherwise speakers are taken as unknown."""
        return bool(self.table["speaker"].duplicated().any())


class Effect(NamedTuple):
    """Size of a difference with its 95 % interval, which is missing where there are too few speakers to tell."""

    value: float
    low: float | None
    high: float | None

    def verdict(self, neutral: float, margin: float) -> Verdict:
        """Return whether the whole interval is beyond the margin around `neutral`, or within it, or neither."""
        if self.low is None or self.high is None:
            return "open"
        if self.low > neutral + margin or self.high < neutral - margin:
            return "differs"
        return "alike" if self.low >= neutral - margin and self.high <= neutral + margin else "open"


class Measured(NamedTuple):
    """One measure of both sets."""

    name: str
    unit: str
    a: list[float]
    """5 %, median, 95 %."""
    b: list[float]
    effect: Effect
    verdict: Verdict


class Shared(NamedTuple):
    """One class of a task in both sets."""

    task: str
    name: str
    a: float
    """Share."""
    b: float
    effect: Effect
    verdict: Verdict


class Drift(NamedTuple):
    """The result of a comparison."""

    measures: list[Measured]
    classes: list[Shared]

    @property
    def differs(self) -> bool:
        """Whether any measure or class differs."""
        return "differs" in {one.verdict for one in self.measures} | {one.verdict for one in self.classes}


def compare(a: Side, b: Side) -> Drift:
    """Compare B with A, leaving out tasks that are not in both with the same classes."""
    theirs = {(task.name, task.classes): task for task in b.tasks}
    both = [(task, theirs[key]) for task in a.tasks if (key := (task.name, task.classes)) in theirs]
    measures = [_measured(name, unit, a.table, b.table) for name, unit in MEASURES.items()]
    return Drift([one for one in measures if one], [one for pair in both for one in _shared(*pair, a.table, b.table)])


def superiority(a: ArrayLike, b: ArrayLike, of_a: Sequence[str], of_b: Sequence[str]) -> Effect:
    """Return the probability that a value of B is above one of A.

    Args:
        a, b: values.
        of_a, of_b: the speaker of each value.
    """
    low, high = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    together = rankdata(np.concatenate([low, high]))
    below = (together[len(low) :] - rankdata(high)) / len(low)  # share of A below each of B
    above = 1 - (together[: len(low)] - rankdata(low)) / len(high)
    value = float(below.mean())
    return _interval(value, [(above - value, of_a), (below - value, of_b)], (0.0, 1.0))


def difference(a: ArrayLike, b: ArrayLike, of_a: Sequence[str], of_b: Sequence[str]) -> Effect:
    """Return the share of true values in B minus that in A; arguments as for `superiority`."""
    one, other = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    value = float(other.mean() - one.mean())
    return _interval(value, [(one - one.mean(), of_a), (other - other.mean(), of_b)], (-1.0, 1.0))


def _interval(value: float, parts: Sequence[tuple[Array, Sequence[str]]], ends: tuple[float, float]) -> Effect:
    """Args: parts: for both sets, each utterance's influence on the estimate, centred on zero, and its speaker."""
    by_speaker = [pd.Series(influence).groupby(np.asarray(speakers)) for influence, speakers in parts]
    sizes = [own.ngroups for own in by_speaker]
    if min(sizes) < 2 or comb(sum(sizes), min(*sizes, 4)) < _WAYS:
        return Effect(value, None, None)
    variance, alike = 0.0, []
    for own in by_speaker:
        shares = (own.size() / own.size().sum()).to_numpy()
        squares = float((shares**2).sum())
        # the mean is drawn to those who speak most, which makes their own distance from it too small
        unbiased = squares / float((shares**2 * (1 - 2 * shares + squares)).sum())
        variance += float((own.mean() * shares).pow(2).sum()) * unbiased
        alike.append(1 / squares)
    reach = float(t.ppf(0.975, max(1.0, min(alike) - 1))) * variance**0.5
    return Effect(value, max(ends[0], value - reach), min(ends[1], value + reach))


def _measured(name: str, unit: str, a: pd.DataFrame, b: pd.DataFrame) -> Measured | None:
    one, other = a[a[name].notna()], b[b[name].notna()]
    if one.empty or other.empty:
        return None
    effect = superiority(one[name], other[name], one["speaker"].tolist(), other["speaker"].tolist())
    quantiles = [[float(value) for value in np.quantile(table[name], _QUANTILES)] for table in (one, other)]
    return Measured(name, unit, quantiles[0], quantiles[1], effect, effect.verdict(0.5, LITTLE))


def _shared(task: Task, theirs: Task, a: pd.DataFrame, b: pd.DataFrame) -> list[Shared]:
    """Args: task, theirs: A's and B's; the one may have ratings on a scale where the other has the classes as words."""
    one, other = a[a[task.name].notna()], b[b[task.name].notna()]
    if one.empty or other.empty:
        return []
    here, there = task.to_class(one[task.name]), theirs.to_class(other[task.name])
    found = []
    for place, name in enumerate(task.classes):
        effect = difference(here == place, there == place, one["speaker"].tolist(), other["speaker"].tolist())
        shares = float((here == place).mean()), float((there == place).mean())
        found.append(Shared(task.name, name, *shares, effect, effect.verdict(0.0, FEW_POINTS)))
    return found
