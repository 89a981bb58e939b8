"""How well a system's attention fits the cue and level of its own utterances, compared with others of their length."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attune.attention.borrowed import Borrowed, Positions, Test
from attune.attention.cue import Span, captured, tells, top
from attune.attention.ranks import correlations, stretched

Array = NDArray[np.float64]

Weights = Mapping[str, Mapping[str, Array]]
"""utterance -> task -> weights ``(windows,)``."""


class Known(Protocol):
    """What is known about an utterance: see `attune.attention.measures.Heard`."""

    @property
    def energy(self) -> Array: ...
    @property
    def cue(self) -> NDArray[np.bool_] | None: ...


class Fit(NamedTuple):
    """One statistic of one task: its values, and the utterances they belong to."""

    borrowed: Borrowed
    series: int
    utterances: "pd.Index[str]"
    counted: NDArray[np.bool_]

    def columns(self, name: str) -> dict[str, "pd.Series[float]"]:
        """Return, by utterance, the value, the value expected from others' cues or levels, and the excess over it."""
        own = np.where(self.counted, self.borrowed.own(self.series), np.nan)
        expected = np.where(self.counted, self.borrowed.expected(self.series), np.nan)
        parts = {name: own, f"{name}_expected": expected, f"{name}_over": own - expected}
        return {part: pd.Series(values, index=self.utterances) for part, values in parts.items()}

    def test(self, chosen: set[str], *, rounds: int, seed: int, confidence: float) -> Test | None:
        """Test the mean over the chosen utterances against its null; None if none of them counts."""
        counted = self.counted & self.utterances.isin(list(chosen))
        if not counted.any():
            return None
        return self.borrowed.test(self.series, counted, rounds=rounds, seed=seed, confidence=confidence)


class Fits(NamedTuple):
    """Every statistic of a system, by task and name."""

    by_name: Mapping[tuple[str, str], Fit]

    def columns(self) -> dict[tuple[str, str], "pd.Series[float]"]:
        """Return the columns of the table of measures, by task and name."""
        return {
            (task, column): values
            for (task, name), fit in self.by_name.items()
            for column, values in fit.columns(name).items()
        }


def fit(weights: Weights, heard: Mapping[str, Known], contributions: Weights | None = None) -> Fits:
    """Fit a system's attention, and the contributions of its windows if known, to cues and levels.

    Args:
        weights: for every utterance, with the same tasks in each.
        heard: by utterance.
        contributions: of `attune.model.probing.probe`, for the same utterances.
    """
    utterances = sorted(weights)
    told = [utterance for utterance in utterances if _tells(heard[utterance])]
    loud = [utterance for utterance in utterances if np.ptp(heard[utterance].energy) > 0]
    found = _cues(told, weights, heard, "cue") if told else {}
    if told and contributions is not None:
        found |= _cues(told, contributions, heard, "contribution")
    if told:
        found |= _loudest(told, heard, list(weights[told[0]]))
    if loud:
        found |= _energy(loud, weights, heard)
    return Fits(found)


def _tells(known: Known) -> bool:
    return known.cue is not None and tells(known.cue)


Named = dict[tuple[str, str], Fit]


def _cues(utterances: Sequence[str], weights: Weights, heard: Mapping[str, Known], name: str) -> Named:
    """`<name>_hit`, the pointing game, and `<name>_mass`, the share of weight in the cue."""
    tasks = list(weights[utterances[0]])

    def series(utterance: str) -> Array:
        own = np.stack([weights[utterance][task] for task in tasks])
        return np.concatenate([top(own), own])

    names = [(task, f"{name}_{kind}") for kind in ("hit", "mass") for task in tasks]
    return _named(names, utterances, heard, _in_cues(utterances, heard, series))


def _loudest(utterances: Sequence[str], heard: Mapping[str, Known], tasks: Sequence[str]) -> Named:
    """`loudest_hit`: the same for the loudest window; one series, shared by all tasks."""
    statistic = _in_cues(utterances, heard, lambda utterance: top(heard[utterance].energy[None]))
    (one,) = _named([("", "loudest_hit")], utterances, heard, statistic).values()
    return {(task, "loudest_hit"): one for task in tasks}


def _in_cues(
    utterances: Sequence[str], heard: Mapping[str, Known], series: Callable[[str], Array]
) -> Callable[[int, Positions], Array]:
    spans = [Span.of(cue) for cue in (heard[utterance].cue for utterance in utterances) if cue is not None]

    def statistic(position: int, members: Positions) -> Array:
        own = series(utterances[position])
        return captured(own, [spans[member].windows(own.shape[1]) for member in members])

    return statistic


def _energy(utterances: Sequence[str], weights: Weights, heard: Mapping[str, Known]) -> Named:
    """`energy_correlation`: Spearman's correlation of weights and level."""
    tasks = list(weights[utterances[0]])

    def statistic(position: int, members: Positions) -> Array:
        own = np.stack([weights[utterances[position]][task] for task in tasks])
        levels = [stretched(heard[utterances[member]].energy, own.shape[1]) for member in members]
        return correlations(own, np.stack(levels))

    found = _named([(task, "energy_correlation") for task in tasks], utterances, heard, statistic)
    return {
        (task, name): fit._replace(counted=np.array([np.ptp(weights[u][task]) > 0 for u in utterances]))
        for (task, name), fit in found.items()
    }


def _named(
    names: Sequence[tuple[str, str]],
    utterances: Sequence[str],
    heard: Mapping[str, Known],
    statistic: Callable[[int, Positions], Array],
) -> Named:
    borrowed = Borrowed([len(heard[utterance].energy) for utterance in utterances], statistic)
    index, all_count = pd.Index(utterances), np.ones(len(utterances), dtype=bool)
    return {name: Fit(borrowed, series, index, all_count) for series, name in enumerate(names)}
