"""Quiet wrapper of Great Expectations: a table and its rules in, outcomes out."""

import os
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

import pandas as pd

from attune.errors import AttuneError
from attune.validation.outcomes import Offenders, Outcome, escaped
from attune.validation.rule import Rule, Table
from attune.validation.slices import SHOWN, settle, together

IDENTIFIERS: dict[Table, list[str]] = {
    "utterances": ["utterance", "source", "line", "audio"],
    "ratings": ["utterance", "rater"],
    "notes": ["source", "line"],
    "outcome": ["table"],
    "sessions": ["session"],
    "balance": ["session", "task"],
}
"""The columns that identify a row."""

AT_ONCE = 50_000
"""Rows per batch for rules that test each row by itself: every rule copies the batch."""


class Checked(NamedTuple):
    """The outcomes of one table's rules."""

    table: Table
    outcomes: list[Outcome]
    result: Any
    """Great Expectations' own validation result, from which the data docs are rendered."""


def check(table: Table, rows: pd.DataFrame, rules: Iterable[Rule], at_once: int = AT_ONCE) -> Checked:
    """Check the rules about this table, `at_once` rows at a time where a rule allows it.

    Raises:
        AttuneError: a rule cannot be evaluated, because a column is missing or has the wrong type.
    """
    chosen = [rule for rule in rules if rule.table == table]
    numbered = rows.reset_index(drop=True)
    result = _validate(table, numbered[:at_once], chosen)
    parts = {name: [part] for name, part in _by_rule(result).items()}
    if len(rows) > at_once:
        whole = [rule for rule in chosen if rule.test.whole]
        by_row = [rule for rule in chosen if not rule.test.whole]
        parts |= {name: [part] for name, part in _by_rule(_validate(table, numbered, whole)).items()}
        for start in range(at_once, len(rows), at_once):
            for name, part in _by_rule(_validate(table, numbered[start : start + at_once], by_row)).items():
                parts[name].append(part)
    single = _by_rule(result)  # results come in an order of their own
    outcomes = [_outcome(rule, single[rule.name], parts[rule.name], numbered) for rule in chosen]
    settle(result)
    return Checked(table, outcomes, result)


def _validate(table: Table, rows: pd.DataFrame, rules: list[Rule]) -> Any:
    gx = _great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("attune").add_dataframe_asset(table)
    looked_at = {name for rule in rules for name in rule.test.columns}
    seen = _escaped(rows[[name for name in rows if name in looked_at]])
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": seen})
    suite = gx.ExpectationSuite(table, expectations=[_expectation(gx, rule) for rule in rules])
    return batch.validate(suite, result_format=_FORMAT)


_FORMAT = {"result_format": "COMPLETE", "return_unexpected_index_query": False}


@cache
def _great_expectations() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read on import; otherwise each use is reported over the network
    import great_expectations

    return great_expectations


def _expectation(gx: Any, rule: Rule) -> Any:
    return getattr(gx.expectations, rule.test.expectation)(
        **rule.test.arguments,
        severity=rule.severity,
        description=f"{rule.name} ({rule.action}): {rule.description}",
        meta={"rule": rule.name},
    )


def _by_rule(result: Any) -> dict[str, Any]:
    return {one.expectation_config.meta["rule"]: one for one in result.results}


def _outcome(rule: Rule, single: Any, parts: list[Any], rows: pd.DataFrame) -> Outcome:
    """Return a rule's outcome; `single` is updated to the result for all rows together."""
    for part in parts:
        if "unexpected_index_list" not in part.result:
            raise AttuneError(
                f"rule {rule.name} cannot be evaluated ({_reason(part.exception_info)})",
                where=f"table {rule.table}",
                remedy="Make the corpus again with `attune corpus`.",
            )
    found = together([part.result for part in parts])
    broken = rows.loc[found["unexpected_index_list"]]  # its list of values stops at 200
    offenders = Offenders(broken, IDENTIFIERS[rule.table], rule.test.columns)
    single.success = not len(offenders)
    single.result = {
        **found,
        "unexpected_index_column_names": IDENTIFIERS[rule.table],
        "unexpected_index_list": offenders.escaped,
        "partial_unexpected_index_list": list(offenders.escaped[:SHOWN]),
    }
    return Outcome(rule, len(rows) - found.get("missing_count", 0), offenders)


def _reason(exceptions: dict[str, Any]) -> str:
    return next((str(one["exception_message"]) for one in exceptions.values() if isinstance(one, dict)), "no result")


def _escaped(rows: pd.DataFrame) -> pd.DataFrame:
    """Escape what data docs print, only where needed: a column of Python strings takes ten times the memory."""
    texts = map(str, rows.select_dtypes(include=["object", "string"]))
    hostile = [name for name in texts if rows[name].dtype != "str" or rows[name].str.contains("[&<>\"']").any()]
    few = {str(name): rows[name].cat.rename_categories(escaped) for name in rows.select_dtypes(include=["category"])}
    return rows.assign(**{name: rows[name].map(escaped) for name in hostile}, **few)
