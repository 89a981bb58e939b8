"""Do tasks differ by more than another seed brings? Jensen-Shannon divergences of networks of several seeds, in bits.

All networks of a fold were trained on the same speakers and tested on the same ones, so that folds, and nothing
smaller, are independent. Intervals and p are those of a t-test on the means of folds (Ibragimov and Müller 2010), which
needs at least two.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from attune.attention.findings import Verdict, meaning, undecided, verdict
from attune.attention.statistics import Array, divergence
from attune.findings import Finding
from attune.numbers import count, fixed, interval, p_value

KINDS = ("tasks", "seeds", "both")
"""Two tasks of the same seed; the same task of two seeds; two tasks of two seeds."""

DIFFERENCES = {"over": ("tasks", "seeds"), "same": ("both", "seeds")}
"""How much further apart than the same task of two seeds are two tasks of one seed, and of two."""

ALL = None
"""In place of a task: the mean over all of them."""

ENDS = ("value", "low", "high", "p", "p_holm")
_DIGITS = 3


def apart(of_seeds: Sequence[Mapping[str, Array]]) -> dict[str, dict[str, float]]:
    """Return, by task, the mean divergence of each of `KINDS`; NaN where there is a single task, or a single seed.

    Args:
        of_seeds: one utterance's weights (windows,) by task, for every seed.
    """
    tasks = list(of_seeds[0])
    found: dict[str, dict[str, list[float]]] = {task: {kind: [] for kind in KINDS} for task in tasks}
    cells = [(seed, task) for seed in range(len(of_seeds)) for task in tasks]
    for (seed, task), (other_seed, other_task) in combinations(cells, 2):
        kind = "tasks" if seed == other_seed else "seeds" if task == other_task else "both"
        bits = divergence(of_seeds[seed][task], of_seeds[other_seed][other_task])
        for name in {task, other_task}:
            found[name][kind].append(bits)
    return {
        task: {kind: float(np.mean(own)) if own else np.nan for kind, own in kinds.items()}
        for task, kinds in found.items()
    }


def summarise(
    rows: pd.DataFrame, confidence: float, adjust: Callable[[list[float]], list[float]]
) -> list[dict[str, Any]]:
    """Return a record for each system and task, and for `ALL` tasks, where several seeds were trained.

    Args:
        rows: ``system, trained`` (seeds)``, fold, utterance, task`` and `KINDS`, from `apart`.
        adjust: Holm's adjustment.

    Returns:
        ``system, task, trained, folds, n`` (utterances), and for each of `KINDS` and `DIFFERENCES` its ``value, low,
        high``; differences have ``p`` and ``p_holm`` as well, adjusted over the systems for `ALL` and over a system's
        tasks otherwise. Without two folds only the value is a number.
    """
    if rows.empty:
        return []
    records = [
        {"system": system, "task": task, **_counts(own), **dict(_entries(own, confidence))}
        for system, table in rows.groupby("system", sort=False)
        for task, own in [(ALL, table), *table.groupby("task", sort=False)]
    ]
    families: dict[str | None, list[dict[str, Any]]] = {}
    for record in records:
        families.setdefault(ALL if record["task"] is ALL else record["system"], []).append(record)
    for family in families.values():
        for name in DIFFERENCES:
            tested = [record[name] for record in family if name in record and not np.isnan(record[name]["p"])]
            for entry, p in zip(tested, adjust([entry["p"] for entry in tested]), strict=True):
                entry["p_holm"] = p
    return records


def _counts(own: pd.DataFrame) -> dict[str, int]:
    return {"trained": int(own["trained"].iloc[0]), "folds": own["fold"].nunique(), "n": own["utterance"].nunique()}


def _entries(own: pd.DataFrame, confidence: float) -> Iterator[tuple[str, dict[str, float]]]:
    means = own.groupby("fold", sort=False)[list(KINDS)].mean()
    for kind in KINDS:
        if means[kind].notna().all():
            value, low, high, _ = over_folds(means[kind].to_numpy(), confidence)
            yield kind, {"value": value, "low": float(np.clip(low, 0, 1)), "high": float(np.clip(high, 0, 1))}
    for name, (one, other) in DIFFERENCES.items():
        differences = (means[one] - means[other]).to_numpy()
        if not np.isnan(differences).any():
            yield name, dict(zip(ENDS, (*over_folds(differences, confidence), np.nan), strict=True))


def over_folds(values: Array, confidence: float) -> tuple[float, float, float, float]:
    """Return the mean of ``(folds,)``, its interval and p by a t-test; all but the mean NaN where folds do not vary."""
    mean = float(values.mean())
    if len(values) < 2 or np.ptp(values) == 0:
        return mean, np.nan, np.nan, np.nan
    found = stats.ttest_1samp(values, 0)
    low, high = found.confidence_interval(confidence)
    return mean, float(low), float(high), float(found.pvalue)


def findings(records: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """Return what the records of `ALL` tasks mean."""
    return [
        Finding(record["system"], None, "seeds", _sentence(record), record["over"])
        for record in records
        if record["task"] is ALL and "over" in record
    ]


def _sentence(record: Mapping[str, Any]) -> str:
    tasks, seeds, both = (fixed(record[kind]["value"], _DIGITS) for kind in KINDS)
    over, same = (_meaning(record, name, answers) for name, answers in (("over", _OVER), ("same", _SAME)))
    return (
        f"Attention of two tasks of the same seed is {tasks} bits apart (Jensen-Shannon divergence, where 0 is equal "
        f"and 1 has no window in common), that of the same task of two seeds {seeds} "
        f"(difference {_told(record['over'])}, {_n(record)}): {over}. "
        f"Two tasks of two seeds are {both} bits apart, compared with the same task of two seeds "
        f"(difference {_told(record['same'])}): {same}."
    )


_OVER: dict[Verdict, str] = {
    "more": "tasks differ by more than what another seed brings",
    "less": "tasks differ by less than what another seed brings",
    "same": "the difference between tasks is no larger than what another seed brings",
}
_SAME: dict[Verdict, str] = {
    "more": "whatever the seed, a task attends more like itself than like other tasks",
    "less": "with another seed, a task attends less like itself than like other tasks",
    "same": "with another seed, a task attends no more like itself than like other tasks",
}


def _n(record: Mapping[str, Any]) -> str:
    folds = record["folds"]
    return f"{folds} fold{'' if folds == 1 else 's'} of {record['trained']} seeds, n = {count(record['n'])}"


def _told(entry: Mapping[str, float]) -> str:
    if np.isnan(entry["p"]):
        return fixed(entry["value"], _DIGITS)
    return f"{interval(entry, _DIGITS)}, {p_value(entry['p_holm'])}"


def _meaning(record: Mapping[str, Any], name: str, answers: dict[Verdict, str]) -> str:
    entry = dict(record[name])
    if np.isnan(entry["p"]):
        why = "one fold does not show how much that varies" if record["folds"] == 1 else "all folds agree exactly"
        return f"undecided, since {why}"
    return meaning(answers | {"unclear": undecided(entry)}, verdict(entry), "folds")
