"""All measures of each utterance's attention, as a table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from attune.attention.cue import precision, tells
from attune.attention.fits import Fits
from attune.attention.statistics import divergence, effective_windows, normalised_entropy, position
from attune.errors import AttuneError

Array = NDArray[np.float64]

KEY = ("system", "fold", "utterance", "task")
CUE = ("cue_share", "cue_precision", "cue_precision_energy")


@dataclass(frozen=True)
class Heard:
    """What is known about an utterance besides its attention.

    `energy` is the level of each window in dB, ``(windows,)``; `cue` marks the windows in the cue, None if that is not
    known; `felt` is how far each task's intended emotion is from the corpus' mean, in standard deviations, empty if
    that is not known.
    """

    energy: Array
    cue: NDArray[np.bool_] | None
    felt: Mapping[str, float] = field(default_factory=dict)


def measure(parts: Iterable[pd.DataFrame], heard: Mapping[str, Heard], fits: Mapping[str, Fits]) -> pd.DataFrame:
    """Measure the attention of every row.

    Args:
        parts: tables with `KEY` and ``weights``, all tasks of an utterance in the same one.
        heard: by utterance.
        fits: from `attune.attention.fits.fit`, by system.

    Returns:
        `KEY`, ``windows``, ``felt``, the measures of `shape`, `CUE`, and the value of everything in `fits` with
        ``<name>_expected`` and ``<name>_over``; NaN where a measure does not apply.
    """
    measured = [table for table in (_measured(rows, heard) for rows in parts) if len(table)]
    table = (
        pd.concat(measured, ignore_index=True) if measured else pd.DataFrame(columns=[*KEY, "windows", "felt", *CUE])
    )
    for system, fit in fits.items():
        for (task, name), values in fit.columns().items():
            at = (table["system"] == system) & (table["task"] == task)
            table.loc[at, name] = table.loc[at, "utterance"].map(values)
    return table


def _measured(rows: pd.DataFrame, heard: Mapping[str, Heard]) -> pd.DataFrame:
    found: list[dict[str, Any]] = []
    for (system, fold, utterance), own in rows.groupby(list(KEY[:3]), sort=False):
        known = heard[str(utterance)]
        weights = {task: np.asarray(w, dtype=np.float64) for task, w in zip(own["task"], own["weights"], strict=True)}
        for task in weights:
            about = {"system": system, "fold": fold, "utterance": utterance, "task": task, "windows": len(known.energy)}
            about |= {"felt": known.felt.get(task, nan)} | shape(weights, task) | _cue(weights[task], known)
            found.append(about)
    return pd.DataFrame(found)


def check(key: Sequence[str], weights: ArrayLike, windows: int) -> None:
    """Reject weights that do not fit the utterance's windows.

    Args:
        key: values of `KEY` that the weights belong to.
        weights: one per window.
        windows: number of windows in the utterance's audio.

    Raises:
        AttuneError: the numbers of weights and windows differ, or the weights are not shares that sum to one.
    """
    shares, whose = np.atleast_1d(np.asarray(weights, dtype=np.float64)), ", ".join(key)
    if len(shares) != windows:
        raise AttuneError(f"{len(shares)} weights for {windows} windows of audio ({whose})", remedy=_REMEDY)
    if not (shares >= 0).all() or abs(shares.sum() - 1) > _ROUNDING:
        raise AttuneError(f"the attention weights are not shares that sum to 1 ({whose})", remedy=_REMEDY)


_REMEDY = "Run `attune predict` again on the store that `attune preprocess` wrote."
_ROUNDING = 1e-3  # tolerance for the sum of hundreds of float32 weights


def shape(weights: Mapping[str, Array], task: str) -> dict[str, float]:
    """Return how peaked a task's attention is, where its centre is, and its divergence from the other tasks'."""
    own = weights[task]
    apart = {f"divergence_{other}": nan if other == task else divergence(own, weights[other]) for other in weights}
    peaked = {"entropy": normalised_entropy(own), "effective_windows": effective_windows(own)}
    return peaked | {"position": position(own)} | apart


def _cue(weights: Array, known: Heard) -> dict[str, float]:
    if known.cue is None or not tells(known.cue):
        return dict.fromkeys(CUE, nan)
    ranked = precision(weights, known.cue), precision(known.energy, known.cue)
    return dict(zip(CUE, (float(known.cue.mean()), *ranked), strict=True))
