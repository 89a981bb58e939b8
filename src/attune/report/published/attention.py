"""The published table's section on attention: how far apart tasks are, beside seeds."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from attune.attention.seeds import ALL, DIFFERENCES, findings
from attune.findings import to_json
from attune.numbers import count, fixed, interval, p_value

TITLE = "Attention: do tasks differ by more than seeds?"
HEAD = (
    *("system", "task", "folds", "seeds", "n"),
    *("two tasks, one seed", "one task, two seeds", "two tasks, two seeds"),
    *("tasks minus seeds", "p (Holm)", "two of both minus seeds", "p (Holm)"),
)
_HOW = (
    "Jensen-Shannon divergence in bits, averaged over test utterances. Networks of a fold were trained and tested on "
    "the same speakers, so intervals and p are those of a t-test on the means of folds; they cover both who was heard "
    "and how training turned out. p is adjusted by Holm over the tasks of a system, and over systems for all tasks."
)
_DIGITS = 3

Records = Sequence[Mapping[str, Any]]
"""From `attune.attention.seeds.summarise`."""


def part(records: Records) -> tuple[str, Sequence[str], list[list[str]], list[str]]:
    """Return a title, the head of a table, its rows, and the sentences above it."""
    told = [f"{finding.system}: {finding.sentence}" for finding in findings(records)]
    return TITLE, HEAD, [_row(record) for record in records], [_HOW, *told]


def record(records: Records, digits: int) -> dict[str, Any]:
    """Return the same for JSON: ``apart``, records with null for what is not known, and ``findings``."""
    return _plain({"apart": list(records), "findings": to_json(findings(records))}, digits)


def _row(record: Mapping[str, Any]) -> list[str]:
    task = "all tasks" if record["task"] is ALL else record["task"]
    cells = [record["system"], task, str(record["folds"]), str(record["trained"]), count(record["n"])]
    cells += [_value(record.get(kind)) for kind in ("tasks", "seeds", "both")]
    for name in DIFFERENCES:
        entry = record.get(name)
        cells += [_value(entry), "" if entry is None or math.isnan(entry["p"]) else p_value(entry["p_holm"])]
    return cells


def _value(entry: Mapping[str, float] | None) -> str:
    if entry is None:
        return ""
    return fixed(entry["value"], _DIGITS) if math.isnan(entry["low"]) else interval(entry, _DIGITS)


def _plain(value: Any, digits: int) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(own, digits) for name, own in value.items()}
    if isinstance(value, list):
        return [_plain(own, digits) for own in value]
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, digits)
    return value
