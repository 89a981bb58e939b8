"""Findings of `attune validate`: quarantined utterances and reasons, the outcome of every rule, the data docs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attune.artifacts import records
from attune.artifacts.door import reading
from attune.artifacts.tables import NUMBER, TEXT, Table
from attune.artifacts.text_tables import TextTable

_STEP = "validate"
_FOUND = "validation.json"
_DOCS = Path("docs/index.html")
_COUNTS = ("all", "accepted", "quarantined")
_RULE = {"rule": str, "action": str, "description": str, "checked": int, "failed": int}

QUARANTINE = TextTable("quarantine.csv", _STEP, ("utterance", "rule", "severity", "value", "source", "line", "audio"))
"""One row per refused utterance and rule."""

PROFILE = Table(
    "profile.parquet",
    _STEP,
    {"utterance": TEXT, "speaker": TEXT, **dict.fromkeys(("duration", "level", "pitch"), NUMBER)},
)
"""One row per accepted utterance, for comparison with other recordings; in seconds, dBFS, Hz."""


def refused(out: Path) -> Path:
    """Return where findings go when data is refused: beside `out`, so that no step takes them for accepted data."""
    return out.with_name(f"{out.name}.failed")


def docs(folder: Path) -> Path:
    """Return the path of the data docs in a folder written by `attune validate`."""
    return folder / _DOCS


def write_found(folder: Path, found: Mapping[str, Any]) -> None:
    """Write validation.json into an existing folder."""
    records.write(folder / _FOUND, found)


def read_found(folder: Path) -> dict[str, Any]:
    """Read the counts of utterances, and the outcome of every rule.

    Raises:
        AttuneError: the file is missing, has changed, or has no such counts and rules.
    """
    path = folder / _FOUND
    values = records.read(path, _STEP)
    with reading(path, _STEP):
        return {
            "utterances": {name: int(values["utterances"][name]) for name in _COUNTS},
            "rules": [{name: as_written(rule[name]) for name, as_written in _RULE.items()} for rule in values["rules"]],
        }


def write_docs(folder: Path, page: str) -> None:
    """Write the data docs into an existing folder."""
    docs(folder).parent.mkdir()
    docs(folder).write_text(page, encoding="utf-8")
