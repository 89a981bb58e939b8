"""Great Expectations, told to be quiet: a table and its rules in, outcomes out."""

import html
import os
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

import pandas as pd

from attune.errors import AttuneError
from attune.validation.rules import Rule, Table

IDENTIFIERS: dict[Table, list[str]] = {
    "utterances": ["utterance", "source", "line", "audio"],
    "ratings": ["utterance", "rater"],
    "notes": ["source", "line"],
    "outcome": ["table"],
    "sessions": ["session"],
    "balance": ["session", "task"],
}
"""The columns that tell which row it is."""


class Offender(NamedTuple):
    """A row that breaks a rule."""

    row: dict[str, Any]
    """Its identifying columns."""
    value: Any
    """What was found where the rule looks; a list where it looks at several columns."""


class Outcome(NamedTuple):
    """What came of one rule."""

    rule: Rule
    checked: int
    """Rows that the rule had something to say about."""
    offenders: list[Offender]


class Checked(NamedTuple):
    """What came of the rules of one table."""

    table: Table
    outcomes: list[Outcome]
    result: Any
    """Great Expectations' own validation result, from which data docs are rendered."""


def check(table: Table, rows: pd.DataFrame, rules: Iterable[Rule]) -> Checked:
    """Check those rules that are about this table.

    Raises:
        AttuneError: a rule cannot be evaluated, because a column is missing or holds another type.
    """
    chosen = {rule.name: rule for rule in rules if rule.table == table}
    looked_at = {*IDENTIFIERS[table], *(name for rule in chosen.values() for name in rule.test.columns)}
    seen = _escaped(rows[[name for name in rows if name in looked_at]])
    result = _validate(table, seen, list(chosen.values()))
    single = {one.expectation_config.meta["rule"]: one for one in result.results}  # they come in an order of their own
    return Checked(table, [_outcome(rule, single[name], len(rows)) for name, rule in chosen.items()], result)


def _validate(table: Table, rows: pd.DataFrame, rules: list[Rule]) -> Any:
    gx = _great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("attune").add_dataframe_asset(table)
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": rows})
    suite = gx.ExpectationSuite(table, expectations=[_expectation(gx, rule) for rule in rules])
    detail = {"result_format": "COMPLETE", "unexpected_index_column_names": IDENTIFIERS[table]}
    return batch.validate(suite, result_format=detail)


@cache
def _great_expectations() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read on import; it would report each use over the network
    import great_expectations

    return great_expectations


def _expectation(gx: Any, rule: Rule) -> Any:
    return getattr(gx.expectations, rule.test.expectation)(
        **rule.test.arguments,
        severity=rule.severity,
        description=f"{rule.name} ({rule.action}): {rule.description}",
        meta={"rule": rule.name},
    )


def _outcome(rule: Rule, single: Any, rows: int) -> Outcome:
    found = single.result
    if "unexpected_index_list" not in found:
        raise AttuneError(
            f"rule {rule.name} cannot be evaluated ({_reason(single.exception_info)})",
            where=f"table {rule.table}",
            remedy="Make the corpus again with `attune corpus`.",
        )
    offenders = [_offender(rule, row) for row in found["unexpected_index_list"]]  # its list of values ends after 200
    return Outcome(rule, rows - found.get("missing_count", 0), offenders)


def _offender(rule: Rule, row: dict[str, Any]) -> Offender:
    values = [_plain(row[column]) for column in rule.test.columns]
    identity = {name: _plain(row[name]) for name in IDENTIFIERS[rule.table]}
    return Offender(identity, values[0] if len(values) == 1 else values)


def _reason(exceptions: dict[str, Any]) -> str:
    return next((str(one["exception_message"]) for one in exceptions.values() if isinstance(one, dict)), "no result")


def _escaped(rows: pd.DataFrame) -> pd.DataFrame:
    """Data docs print cells as they are, and a path may hold anything; `_plain` undoes this."""
    escaped = rows.copy()
    for name in rows.select_dtypes(include=["object", "string"]):
        if rows[name].dtype == "str" and not rows[name].str.contains("[&<>\"']").any():
            continue  # a column of Python's texts takes ten times the memory
        escaped[name] = rows[name].map(lambda cell: html.escape(cell) if isinstance(cell, str) else cell)
    return escaped


def _plain(cell: Any) -> Any:
    """A cell as a number, a text or None, which JSON can hold."""
    if isinstance(cell, str):
        return html.unescape(cell)
    if pd.isna(cell):
        return None
    return cell.item() if hasattr(cell, "item") else cell
