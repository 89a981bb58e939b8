"""Names of folds: fixed by the protocol, or derived from what the corpus has to test on."""

import re
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from attune import protocols
from attune.errors import AttuneError

COLUMNS, OPTIONAL = ("session", "speaker"), ("partition", "fold", "corpus")
"""Columns that folds are built from; only some corpora have the optional ones."""


def columns(path: Path) -> list[str]:
    """Return `COLUMNS` and those of `OPTIONAL` that a table has; `COLUMNS` alone if it cannot be read."""
    try:
        there = pq.read_schema(path).names
    except (OSError, pa.ArrowException):
        there = []
    return [*COLUMNS, *(name for name in OPTIONAL if name in there)]


def folds(utterances: pd.DataFrame, protocol: str) -> list[str]:
    """Return the names of a protocol's folds in this corpus.

    Raises:
        AttuneError: no such protocol, or the corpus lacks a column that it needs.
    """
    found = protocols.find(protocol)
    if found is None:
        raise AttuneError(f"there is no protocol {protocol!r}", remedy=f"Choose one of {protocols.names()}.")
    return list(found.folds) or list(tested(utterances, protocol))


def check_fold(utterances: pd.DataFrame, protocol: str, fold: str) -> None:
    """Raise AttuneError for a protocol or a fold that does not exist."""
    known = folds(utterances, protocol)
    if fold not in known:
        raise AttuneError(f"{fold!r} is not a fold of {protocol}", remedy=f"Choose one of {', '.join(known)}.")


def tested(utterances: pd.DataFrame, protocol: str) -> dict[str, object]:
    """Return the value that each fold tests, by fold name: the value with characters unfit for a path made dashes."""
    values = _values_tested(utterances, protocol)
    found: dict[str, object] = {}
    for value in values:
        name = (
            f"session{value}" if isinstance(value, int) else re.sub(r"[^A-Za-z0-9._-]+", "-", str(value)).strip("-._")
        )
        if not name or name in found:
            raise AttuneError(
                f"{value!r} cannot name a fold" + (f", for {found[name]!r} does already" if name in found else ""),
                where=protocol,
                remedy="Rename it in the corpus, in letters, digits, dots and dashes.",
            )
        found[name] = value
    return found


def _values_tested(utterances: pd.DataFrame, protocol: str) -> list[object]:
    if protocol == "given":
        if "fold" in utterances:
            return _values(utterances["fold"])
        _need(utterances, "partition", protocol)
        return [name for name in _values(utterances["partition"]) if str(name).startswith("test")]
    column = {"leave-one-session-out": "session", "leave-one-speaker-out": "speaker", "cross-corpus": "corpus"}[
        protocol
    ]
    _need(utterances, column, protocol)
    return _values(utterances[column])


def _need(utterances: pd.DataFrame, column: str, protocol: str) -> None:
    unknown = column == "speaker" and not utterances["speaker"].duplicated().any()
    if unknown or column not in utterances:
        raise AttuneError(
            f"the corpus does not say the {column} of an utterance",
            where=protocol,
            remedy=f"Map it (corpus.table.columns.{column}), or choose another protocol.",
        )


def _values(column: pd.Series) -> list[object]:
    return sorted(column.dropna().unique().tolist())
