"""From measures of utterances to what is said of a system and task: means with intervals, nulls, counts left out."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from attune.attention.correlates import ShiftNull
from attune.attention.measures import CUE, SHAPE, Nulls
from attune.params import TASKS

Entry = dict[str, float]
Summary = dict[str, dict[str, Entry]]
"""task -> measure -> ``value, low, high, n, excluded`` and, for correlations, ``p`` and ``p_holm``."""

AVERAGED = (*SHAPE, "energy_correlation", "energy_above_null", "energy_below_null", *CUE)


class Means(NamedTuple):
    """How means and p-values are worked out; `attune.evaluation.bootstrap` has both.

    `estimate`: values by utterance, NaN where one does not count, and at least one that does -> value, low, high, n.
    """

    estimate: Callable[["pd.Series[float]"], tuple[float, float, float, int]]
    adjust: Callable[[list[float]], list[float]]


def summarise(table: pd.DataFrame, nulls: Nulls, means: Means, confidence: float) -> dict[str, Summary]:
    """What is said of each system, of `attune.attention.measures.measure`'s table and nulls.

    A measure that applies to no utterance at all is left out.
    """
    return {
        str(system): _of_system(own, {task: nulls[str(system), task] for task in TASKS}, means, confidence)
        for system, own in table.groupby("system", sort=False)
    }


def _of_system(table: pd.DataFrame, nulls: dict[str, ShiftNull], means: Means, confidence: float) -> Summary:
    summary: Summary = {}
    for task in TASKS:
        own = table[table["task"] == task].set_index("utterance")
        summary[task] = {name: _mean(own[name], means) for name in AVERAGED if own[name].notna().any()}
        if nulls[task].n:
            summary[task]["energy_correlation"]["p"] = nulls[task].p
            summary[task]["energy_null"] = _null(nulls[task], confidence)
    _add_adjusted(summary, means)
    return summary


def _mean(values: "pd.Series[float]", means: Means) -> Entry:
    value, low, high, n = means.estimate(values)
    return {"value": value, "low": low, "high": high, "n": n, "excluded": len(values) - n}


def _null(null: ShiftNull, confidence: float) -> Entry:
    low, high = np.quantile(null.means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return {"value": float(null.means.mean()), "low": float(low), "high": float(high), "n": null.n}


def _add_adjusted(summary: Summary, means: Means) -> None:
    entries: list[Any] = [own["energy_correlation"] for own in summary.values() if "energy_correlation" in own]
    for entry, p in zip(entries, means.adjust([entry["p"] for entry in entries]), strict=True):
        entry["p_holm"] = p
