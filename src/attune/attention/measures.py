"""Everything measured of the attention of each utterance, as a table, and the shift null of each system and task."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attune.attention.correlates import ShiftNull, shifted_correlations, standing
from attune.attention.cue import hit, mass, precision, tells
from attune.attention.statistics import divergence, effective_windows, normalised_entropy, position
from attune.errors import AttuneError
from attune.params import TASKS

Array = NDArray[np.float64]

SHAPE = ("entropy", "effective_windows", "position", *(f"divergence_{task}" for task in TASKS))
ENERGY = ("energy_correlation", "energy_null_low", "energy_null_high", "energy_above_null", "energy_below_null")
CUE = (
    *("cue_share", "cue_hit", "cue_hit_energy", "cue_mass", "cue_precision", "cue_precision_energy"),
    *("cue_hit_over_chance", "cue_hit_over_energy", "cue_mass_over_chance"),
)
KEY = ("system", "fold", "utterance", "task")

Nulls = Mapping[tuple[str, str], ShiftNull]
"""By system and task."""


@dataclass(frozen=True)
class Heard:
    """What is known of an utterance besides its attention.

    `energy` is the level of each window in dB, ``(windows,)``; `cue` says which windows lie in the known part, None
    where that is not known.
    """

    energy: Array
    cue: NDArray[np.bool_] | None


def measure(rows: pd.DataFrame, heard: Mapping[str, Heard], *, shifts: int, seed: int) -> tuple[pd.DataFrame, Nulls]:
    """Measure the attention of every row.

    Args:
        rows: `KEY` and ``weights``; every utterance has all tasks.
        heard: by utterance.
        shifts: random circular shifts per utterance of each null.
        seed: of the shifts.

    Returns:
        `KEY`, ``windows``, `SHAPE`, `ENERGY` and `CUE`, with NaN where a measure does not apply; and the shift nulls.
    """
    nulls: dict[tuple[str, str], ShiftNull] = defaultdict(lambda: ShiftNull(shifts, seed))
    found: list[tuple[Any, ...]] = []
    for names, own in rows.groupby(list(KEY[:3]), sort=False):
        system, fold, utterance = map(str, names)
        known = heard[utterance]
        weights = {task: np.asarray(w, dtype=np.float64) for task, w in zip(own["task"], own["weights"], strict=True)}
        for task in TASKS:
            shape = _shape(weights, task)
            energy = _energy(weights[task], known.energy, nulls[system, task])
            cue = _cue(weights[task], known)
            found.append((system, fold, utterance, task, len(known.energy), *shape, *energy, *cue))
    return pd.DataFrame(found, columns=[*KEY, "windows", *SHAPE, *ENERGY, *CUE]), dict(nulls)


def check(rows: pd.DataFrame, heard: Mapping[str, Heard]) -> None:
    """Refuse weights that are not those of the utterance's windows.

    Args:
        rows, heard: as for `measure`.

    Raises:
        AttuneError: another number of weights than of windows, or weights that are not shares of one.
    """
    for row in rows.to_dict("records"):
        weights, windows = np.asarray(row["weights"], dtype=np.float64), len(heard[row["utterance"]].energy)
        where = ", ".join(row[name] for name in KEY)
        if len(weights) != windows:
            raise AttuneError(f"{len(weights)} weights for {windows} windows of audio", where=where, remedy=_REMEDY)
        if not (weights >= 0).all() or abs(weights.sum() - 1) > _ROUNDING:
            raise AttuneError("the attention weights are not shares that sum to 1", where=where, remedy=_REMEDY)


_REMEDY = "Run `attune predict` again on the store that `attune preprocess` wrote."
_ROUNDING = 1e-3  # what hundreds of float32 weights may be off from 1


def _shape(weights: Mapping[str, Array], task: str) -> tuple[float, ...]:
    own = weights[task]
    apart = (nan if other == task else divergence(own, weights[other]) for other in TASKS)
    return normalised_entropy(own), effective_windows(own), position(own), *apart


def _energy(weights: Array, energy: Array, null: ShiftNull) -> tuple[float, ...]:
    correlations = shifted_correlations(weights, energy)
    if correlations is None:
        return (nan,) * len(ENERGY)
    null.add(correlations)
    return tuple(map(float, standing(correlations)))


def _cue(weights: Array, known: Heard) -> tuple[float, ...]:
    if known.cue is None or not tells(known.cue):
        return (nan,) * len(CUE)
    share, found, carried = float(known.cue.mean()), hit(weights, known.cue), mass(weights, known.cue)
    by_energy = hit(known.energy, known.cue)
    ranked = precision(weights, known.cue), precision(known.energy, known.cue)
    return share, found, by_energy, carried, *ranked, found - share, found - by_energy, carried - share
