"""Columns of a table that was read: found by name, and read as numbers or times."""

import difflib
import math

import pandas as pd

from attune.corpus.spelling import same
from attune.corpus.tabular.files import FILE, LINE
from attune.corpus.times import seconds
from attune.errors import AttuneError
from attune.numbers import MINUS


def column(table: pd.DataFrame, name: str, key: str) -> pd.Series:
    """Return a column by its name.

    Raises:
        AttuneError: there is none; names the key of params.yaml, the existing columns and the one perhaps meant.
    """
    spelt = next((one for one in table.columns if same(one) == same(name)), name)
    if spelt in table.columns:
        return table[spelt]
    there = [one for one in table.columns if one not in (FILE, LINE)]
    close = difflib.get_close_matches(name, there, 1) or [one for one in there if one.lower() == name.lower()]
    meant = f" Did you mean {close[0]!r}?" if close else ""
    raise AttuneError(
        f"there is no column {name!r}", where=f"{table[FILE].iloc[0] if len(table) else 'the table'} ({key})",
        remedy=f"It has {', '.join(map(repr, there))}.{meant}",
    )  # fmt: skip


def times(cells: pd.Series, table: pd.DataFrame) -> pd.Series:
    """Return a column as seconds, NaN for missing cells.

    Raises:
        AttuneError: names the first cell that is not a time, with its file and line.
    """
    remedy = "Write seconds (90.5), or hours, minutes and seconds (00:01:30.5)."
    return _read_as(cells.map(seconds, na_action="ignore"), cells, table, "neither seconds nor a time", remedy)


def numbers(cells: pd.Series, table: pd.DataFrame) -> pd.Series:
    """Return a column as numbers, NaN for missing cells; decimal commas are accepted.

    Raises:
        AttuneError: names the first cell that is not a number, with its file and line.
    """
    given = cells.map(lambda cell: cell.replace(",", ".").replace(MINUS, "-") if isinstance(cell, str) else cell)
    return _read_as(pd.to_numeric(given, errors="coerce"), cells, table, "not a number", None)


def _read_as(found: pd.Series, cells: pd.Series, table: pd.DataFrame, fault: str, remedy: str | None) -> pd.Series:
    return understood(found.astype("float64").replace([math.inf, -math.inf], math.nan), cells, table, fault, remedy)


def understood(found: pd.Series, cells: pd.Series, table: pd.DataFrame, fault: str, remedy: str | None) -> pd.Series:
    """Return what was found in a column's cells, which is missing only where the cell is.

    Raises:
        AttuneError: names the first other cell, with its file and line.
    """
    odd = cells[found.isna() & cells.notna()]
    if len(odd):
        row = table.loc[odd.index[0]]
        raise AttuneError(
            f"{cells.name}: {odd.iloc[0]!r} is {fault}",
            where=f"{row[FILE]}:{row[LINE]}",
            remedy=remedy or (f"The same goes for {len(odd) - 1} more cells." if len(odd) > 1 else None),
        )
    return found
