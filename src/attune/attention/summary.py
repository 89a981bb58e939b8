"""Summarise utterances' measures by system and task: means with intervals, nulls, counts of excluded utterances."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import pandas as pd

from attune.attention.borrowed import Histogram
from attune.attention.fits import Fit, Fits
from attune.attention.measures import KEY

Entry = dict[str, float]
Summary = dict[str, dict[str, Entry]]
"""task -> measure -> ``value, low, high, n, excluded``; ``<measure>_over`` has ``p`` and ``p_holm`` too."""

Nulls = dict[str, dict[str, Histogram]]
"""task -> measure -> what its mean would be if only position and length mattered."""

STRONG = 1.0
"""Standard deviations from the corpus' mean from which the felt emotion counts as strong."""

_NOT_AVERAGED = (*KEY, "windows", "felt")
_OF_NULLS = ("_expected", "_over")
_HIT = "_hit"


class Means(NamedTuple):
    """How means and p-values are computed; `attune.evaluation.bootstrap` has the first two.

    `estimate`: values by utterance, NaN for those that do not count, at least one that does, and whether each is a hit
    or a miss -> value, low, high, n. `least`: the same values -> the smallest p that so few speakers can give.
    """

    estimate: Callable[["pd.Series[float]", bool], tuple[float, float, float, int]]
    adjust: Callable[[list[float]], list[float]]
    rounds: int
    seed: int
    confidence: float
    least: Callable[["pd.Series[float]"], float] = lambda _: 0.0


class Summarised(NamedTuple):
    """The summary of a system, and the nulls it was compared with."""

    measures: Summary
    nulls: Nulls


def summarise(table: pd.DataFrame, fits: Mapping[str, Fits], means: Means) -> dict[str, Summarised]:
    """Summarise each system.

    A measure that applies to no utterance is left out. If the felt emotion is known, every measure that has a null is
    repeated for the utterances in which it is strong, as ``<measure>_strong``.
    """
    return {
        str(system): _of_system(own, fits[str(system)], means) for system, own in table.groupby("system", sort=False)
    }


def _of_system(table: pd.DataFrame, fits: Fits, means: Means) -> Summarised:
    summary: Summary = {}
    nulls: Nulls = {}
    for task, own in table.groupby("task", sort=False):
        rows = own.set_index("utterance")
        averaged = [str(name) for name in rows if name not in _NOT_AVERAGED and not str(name).endswith(_OF_NULLS)]
        measures = {name: _mean(rows[name], means) for name in averaged if rows[name].notna().any()}
        for name, fit in ((name, fit) for (of, name), fit in fits.by_name.items() if of == task):
            own_nulls = nulls.setdefault(str(task), {})
            measures |= _against_null(rows, name, name, fit, means, own_nulls)
            strong = rows[rows["felt"].abs() >= STRONG]
            if 0 < len(strong) < len(rows):
                measures |= _against_null(strong, name, f"{name}_strong", fit, means, own_nulls)
        summary[str(task)] = measures
    _add_adjusted(summary, means)
    return Summarised(summary, nulls)


def _against_null(
    rows: pd.DataFrame, name: str, label: str, fit: Fit, means: Means, nulls: dict[str, Histogram]
) -> dict[str, Entry]:
    """Return a measure, its value expected from position, and the difference with its interval and p-value.

    The null's histogram is added to `nulls`.
    """
    chosen = set(rows.index)
    test = fit.test(chosen, rounds=means.rounds, seed=means.seed, confidence=means.confidence)
    if test is None or rows[f"{name}_over"].isna().all():
        return {}
    nulls[label] = test.null
    own, others = _mean(rows[name], means), float(rows[f"{name}_expected"].mean())
    expected = {"value": others, "low": test.low, "high": test.high, "n": own["n"]}
    differences = rows[f"{name}_over"]
    over = _mean(differences, means) | {"p": max(test.p, means.least(differences))}
    return {label: own, f"{label}_expected": expected, f"{label}_over": over}


def _mean(values: "pd.Series[float]", means: Means) -> Entry:
    value, low, high, n = means.estimate(values, str(values.name).endswith(_HIT))
    return {"value": value, "low": low, "high": high, "n": n, "excluded": len(values) - n}


def _add_adjusted(summary: Summary, means: Means) -> None:
    """Add p-values with Holm's adjustment over the tasks, measure by measure."""
    for name in dict.fromkeys(name for own in summary.values() for name in own if name.endswith("_over")):
        entries = [own[name] for own in summary.values() if name in own]
        for entry, p in zip(entries, means.adjust([entry["p"] for entry in entries]), strict=True):
            entry["p_holm"] = p
