"""The section on validation: counts, broken rules, and utterances in quarantine with reasons."""

from typing import Any

import pandas as pd

from attune.numbers import count
from attune.report.contents import Contents

MOST_SHOWN = 50
"""Most quarantine rows on the page; the file has all of them."""

CONSEQUENCES = {"stop": "stops the run", "quarantine": "puts the utterance in quarantine", "report": "is reported"}


def section(contents: Contents) -> dict[str, Any]:
    """Return the content of templates/validation.html."""
    found = contents.validation
    rules = [_rule(entry) for entry in found["rules"]]
    quarantine = contents.quarantine
    return {
        **{name: count(number) for name, number in found["utterances"].items()},
        "rules": rules,
        "broken": [rule for rule in rules if rule["failed"]],
        "held": sum(not rule["failed"] for rule in rules),
        "quarantine": [_row(row) for row in quarantine.head(MOST_SHOWN).to_dict("records")],
        "more": max(0, len(quarantine) - MOST_SHOWN),
    }


def _rule(entry: dict[str, Any]) -> dict[str, Any]:
    action = str(entry["action"])
    return {
        "name": entry["rule"],
        "description": entry["description"],
        "consequence": CONSEQUENCES.get(action, action),
        "checked": count(entry["checked"]),
        "failed": int(entry["failed"]),
    }


def _row(row: dict[Any, Any]) -> dict[str, str]:
    where = f"{row['source']}:{row['line']}" if not pd.isna(row["source"]) else row["audio"]
    return {
        "utterance": str(row["utterance"]),
        "rule": str(row["rule"]),
        "value": "" if pd.isna(row["value"]) else str(row["value"]),
        "where": "" if pd.isna(where) else str(where),
    }
