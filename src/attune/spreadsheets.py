"""Write tables that are safe to open in a spreadsheet, which evaluates anything that looks like a formula."""

import csv
from collections.abc import Callable
from pathlib import Path

import pandas as pd

_BEGINS_FORMULA = (*"=+-@\t\r\n", *"\uff1d\uff0b\uff0d\uff20")
"""From OWASP's list; the last four are full-width forms, which East Asian spreadsheets treat like the others."""


def harmless(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with an apostrophe before every text or heading that a spreadsheet would take for a formula.

    Example:
        >>> harmless(pd.DataFrame({"path": ["=cmd.wav", "a.wav"], "arousal": [-1.0, 2.0]}))["path"].tolist()
        ["'=cmd.wav", 'a.wav']
    """
    return _texts(table, _quoted)


def write(table: pd.DataFrame, path: Path) -> None:
    """Write a harmless table as CSV, with all text quoted if any has a carriage return, which csv does not quote."""
    texts = [table.columns, *(column for _, column in table.items() if column.dtype.kind not in "biuf")]
    bare = any("\r" in cell for text in texts for cell in text if isinstance(cell, str))
    harmless(table).to_csv(
        path, index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC if bare else csv.QUOTE_MINIMAL
    )


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """Undo `harmless`.

    Example:
        >>> plain(harmless(pd.DataFrame({"path": ["=cmd.wav", "'=cmd.wav"]})))["path"].tolist()
        ['=cmd.wav', "'=cmd.wav"]
    """
    columns = {name: column for name, column in table.items() if column.dtype.kind not in "biuf"}
    return table.assign(**{str(name): column.map(_unquoted) for name, column in columns.items()}).rename(
        columns=_unquoted
    )


def _texts(table: pd.DataFrame, change: Callable[[object], object]) -> pd.DataFrame:
    """Apply a function to every text and heading."""
    changed = table.apply(lambda column: column if column.dtype.kind in "biuf" else column.map(change))
    return changed.rename(columns=change)


def _quoted(cell: object) -> object:
    return f"'{cell}" if _is_formula(cell) else cell


def _unquoted(cell: object) -> object:
    return cell[1:] if isinstance(cell, str) and cell.startswith("'") and _is_formula(cell) else cell


def _is_formula(cell: object) -> bool:
    """Whether a cell starts a formula, ignoring leading apostrophes, so that quoting is reversible."""
    return isinstance(cell, str) and cell.lstrip("'").startswith(_BEGINS_FORMULA)
