"""The verdict of the rules on a corpus: what is accepted, what is quarantined and why, and whether to stop."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import pandas as pd

from attune.corpus.contract import Corpus
from attune.numbers import percentage
from attune.params import Validate
from attune.validation.engine import Checked, check
from attune.validation.facts import AudioFacts
from attune.validation.outcomes import Outcome
from attune.validation.rule import Rule
from attune.validation.rules import rules
from attune.validation.tables import (
    balance_table,
    oddity_table,
    outcome_table,
    rating_table,
    session_table,
    utterance_table,
)
from attune.visible import on_a_line

MEASURED = {"frames": "int64", "sample_rate": "int64", "channels": "int64", "duration": "float64"}
"""The columns that accepted utterances have in addition to those of the corpus."""

QUARANTINE = ["utterance", "rule", "severity", "value", "source", "line", "audio"]
_EXAMPLES = 5


class Verdict(NamedTuple):
    """The result of validation."""

    utterances: pd.DataFrame
    """All utterances, with measured and derived columns."""
    accepted: pd.DataFrame
    """Rows of the corpus's table that no rule refuses, with the columns `MEASURED`."""
    quarantine: pd.DataFrame
    """One row per refused utterance and rule, columns `QUARANTINE`."""
    checked: list[Checked]
    """The outcomes by table."""

    @property
    def outcomes(self) -> list[Outcome]:
        """The outcomes of all rules."""
        return [outcome for checked in self.checked for outcome in checked.outcomes]

    @property
    def broken(self) -> list[Outcome]:
        """The outcomes of broken critical rules, any of which stops the run."""
        return [one for one in self.outcomes if one.offenders and one.rule.severity == "critical"]


def judge(corpus: Corpus, facts: Iterable[AudioFacts], settings: Validate) -> Verdict:
    """Validate a corpus: first every utterance and rating, then whether enough of each session is left.

    Args:
        corpus: as `attune corpus` wrote it.
        facts: measured on each audio file that the utterances name.

    Raises:
        AttuneError: a table lacks a column or has the wrong type in it.
    """
    utterances, about = corpus.utterances, corpus.about
    chosen = rules(settings, about)
    table = utterance_table(corpus, facts)
    each = [check("utterances", table, chosen), check("ratings", rating_table(corpus), chosen)]
    if about.oddities:
        each.append(check("notes", oddity_table(corpus), chosen))
    quarantine = _quarantine(each)
    left = table[~table["utterance"].isin(quarantine["utterance"])]
    accepted = left[[*utterances.columns, *MEASURED]].astype(MEASURED).reset_index(drop=True)
    whole = [
        check("outcome", outcome_table(len(table), len(table) - len(left)), chosen),
        check("sessions", session_table(accepted, about.sessions), chosen),
        check("balance", balance_table(accepted, about.tasks), chosen),
    ]
    return Verdict(table, accepted, quarantine, [*each, *whole])


def summary(verdict: Verdict) -> dict[str, Any]:
    """Return the content of validation.json: the counts, then every rule with its first offenders."""
    table = verdict.utterances
    return {
        "accepted": not verdict.broken,
        "utterances": {
            "all": len(table),
            "accepted": len(verdict.accepted),
            "quarantined": len(table) - len(verdict.accepted),
        },
        "corpus": {
            "dialogs": int(table["dialog"].nunique()),
            "speakers": int(table["speaker"].nunique()) if table["speaker"].duplicated().any() else None,
            "hours": round(float(table["duration"].sum()) / 3600, 4),
            "sessions": {str(session): int(n) for session, n in table["session"].value_counts().sort_index().items()},
        },
        "rules": [_entry(outcome) for outcome in verdict.outcomes],
    }


def refusal(verdict: Verdict) -> str:
    """Return why the run stops: each broken critical rule with its first offenders; empty if none is broken."""
    if not verdict.broken:
        return ""
    sentences = [_sentence(outcome, verdict.outcomes) for outcome in verdict.broken]
    plural = "s" if len(sentences) > 1 else ""
    return f"the data breaks {len(sentences)} critical rule{plural}\n  " + "\n  ".join(sentences)


def listed(outcome: Outcome, most: int) -> list[str]:
    """Return the first offenders for people to read: id, the audio file or label line that the rule tests, value."""
    return [f"{_place(outcome.rule, one.row)}: {_said(one.value)}" for one in outcome.offenders[:most]]


def _quarantine(checked: list[Checked]) -> pd.DataFrame:
    rows = [
        {**offender.row, "rule": outcome.rule.name, "severity": outcome.rule.severity, "value": offender.value}
        for one in checked
        for outcome in one.outcomes
        if outcome.rule.action == "quarantine"
        for offender in outcome.offenders
    ]
    table = pd.DataFrame(rows, columns=QUARANTINE)
    return table.sort_values(["utterance", "rule"], kind="stable", ignore_index=True)


def _entry(outcome: Outcome) -> dict[str, Any]:
    rule = outcome.rule
    return {
        "rule": rule.name,
        "severity": rule.severity,
        "action": rule.action,
        "description": rule.description,
        "checked": outcome.checked,
        "failed": len(outcome.offenders),
        "examples": [{**one.row, "value": one.value} for one in outcome.offenders[:_EXAMPLES]],
    }


def _sentence(outcome: Outcome, all_outcomes: list[Outcome]) -> str:
    rule = outcome.rule
    if rule.name == "few-refused":
        return (
            f"{rule.name}: {rule.description} It is {percentage(outcome.offenders[0].value)}: {_reasons(all_outcomes)}."
        )
    return f"{rule.name}: {rule.description} Violated by {len(outcome.offenders)}: {', '.join(listed(outcome, 3))}."


def _reasons(outcomes: list[Outcome]) -> str:
    refusing = [one for one in outcomes if one.offenders and one.rule.action == "quarantine"]
    return "; ".join(f"{len(one.offenders)} by {one.rule.name}, first {listed(one, 1)[0]}" for one in refusing)


def _place(rule: Rule, row: dict[str, Any]) -> str:
    if rule.table != "utterances":
        return ", ".join(f"{name} {on_a_line(value)}" for name, value in row.items())
    about_audio = set(rule.test.columns) <= set(AudioFacts._fields)
    file = row["audio"] if about_audio and row["audio"] else f"{row['source']}:{row['line']}" if row["source"] else None
    return on_a_line(f"{row['utterance']} ({file})" if file else row["utterance"])


def _said(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, list):
        return " and ".join(map(_said, value))
    return f"{value:.6g}" if isinstance(value, float) else on_a_line(value)
