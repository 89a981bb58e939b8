"""Tables that people open in a spreadsheet, which runs what looks like a formula."""

import csv
from collections.abc import Callable
from pathlib import Path

import pandas as pd

_BEGINS_FORMULA = (*"=+-@\t\r\n", *"\uff1d\uff0b\uff0d\uff20")
"""As OWASP lists them: the last four are the full-width forms, which spreadsheets of East Asia take for the others."""


def harmless(table: pd.DataFrame) -> pd.DataFrame:
    """The table with an apostrophe before every text, headings too, that a spreadsheet would take for a formula.

    Example:
        >>> harmless(pd.DataFrame({"path": ["=cmd.wav", "a.wav"], "arousal": [-1.0, 2.0]}))["path"].tolist()
        ["'=cmd.wav", 'a.wav']
    """
    return _texts(table, _quoted)


def write(table: pd.DataFrame, path: Path) -> None:
    """Write a harmless table as CSV, each text in quotes where one has a carriage return, which csv leaves bare."""
    texts = [table.columns, *(column for _, column in table.items() if column.dtype.kind not in "biuf")]
    bare = any("\r" in cell for text in texts for cell in text if isinstance(cell, str))
    harmless(table).to_csv(
        path, index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC if bare else csv.QUOTE_MINIMAL
    )


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """What `harmless` was made of.

    Example:
        >>> plain(harmless(pd.DataFrame({"path": ["=cmd.wav", "'=cmd.wav"]})))["path"].tolist()
        ['=cmd.wav', "'=cmd.wav"]
    """
    columns = {name: column for name, column in table.items() if column.dtype.kind not in "biuf"}
    return table.assign(**{str(name): column.map(_unquoted) for name, column in columns.items()}).rename(
        columns=_unquoted
    )


def _texts(table: pd.DataFrame, change: Callable[[object], object]) -> pd.DataFrame:
    """Change every text and heading."""
    changed = table.apply(lambda column: column if column.dtype.kind in "biuf" else column.map(change))
    return changed.rename(columns=change)


def _quoted(cell: object) -> object:
    return f"'{cell}" if _is_formula(cell) else cell


def _unquoted(cell: object) -> object:
    return cell[1:] if isinstance(cell, str) and cell.startswith("'") and _is_formula(cell) else cell


def _is_formula(cell: object) -> bool:
    """Whether it begins one, apostrophes before it aside: so what `_quoted` adds can be told from what was there."""
    return isinstance(cell, str) and cell.lstrip("'").startswith(_BEGINS_FORMULA)
