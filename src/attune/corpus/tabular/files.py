"""Tables on disk: CSV or TSV in any encoding and with any separator, or Parquet. Cells are texts, or None."""

import csv
import difflib
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from attune.corpus import text
from attune.corpus.spelling import same
from attune.errors import AttuneError
from attune.files import opened
from attune.numbers import MINUS

SEPARATORS = ",;\t|"
MISSING = {"", "na", "n/a", "nan", "none", "null", "-", "?"}
FILE, LINE = "__file__", "__line__"
"""Columns that are added: where a row stands."""


def read(root: Path, names: Iterable[str]) -> pd.DataFrame:
    """Read tables below `root`, one after another, as one.

    Raises:
        AttuneError: a table that is missing, outside `root`, or cannot be read.
    """
    tables = []
    for name in names:
        path = below(root, root / name, what="table")
        if not path.exists():
            raise AttuneError("no such table", where=path, remedy="Name it in corpus.table.files, from corpus.root.")
        tables.append(_read(path).assign(**{FILE: path.relative_to(root).as_posix()}))
    return pd.concat(tables, ignore_index=True)


def below(root: Path, path: Path, *, what: str) -> Path:
    """The path, which is in `root`.

    Raises:
        AttuneError: it leads out of `root`, where DVC would not see it change.
    """
    if not path.resolve().is_relative_to(root.resolve()):
        raise AttuneError(
            f"a {what} outside corpus.root", where=path, remedy=f"Have it below {root}, or set corpus.root above both."
        )
    return path


def column(table: pd.DataFrame, name: str, key: str) -> pd.Series:
    """A column by its name.

    Raises:
        AttuneError: names the key of params.yaml, the columns there are, and the one that may be meant.
    """
    spelt = next((one for one in table.columns if same(one) == same(name)), name)
    if spelt in table.columns:
        return table[spelt]
    there = [one for one in table.columns if one not in (FILE, LINE)]
    close = difflib.get_close_matches(name, there, 1) or [one for one in there if one.lower() == name.lower()]
    meant = f" Is {close[0]!r} meant?" if close else ""
    raise AttuneError(
        f"there is no column {name!r}", where=f"{table[FILE].iloc[0] if len(table) else 'the table'} ({key})",
        remedy=f"It has {', '.join(map(repr, there))}.{meant}",
    )  # fmt: skip


def numbers(cells: pd.Series, table: pd.DataFrame) -> pd.Series:
    """A column as numbers, NaN where nothing is said; a decimal comma will do.

    Raises:
        AttuneError: names the first cell that is no number, with its file and line.
    """
    if pd.api.types.is_timedelta64_dtype(cells):
        return cells.dt.total_seconds()
    given = cells.map(lambda cell: cell.replace(",", ".").replace(MINUS, "-") if isinstance(cell, str) else cell)
    values = pd.to_numeric(given, errors="coerce").astype("float64")
    odd = cells[values.isna() & cells.notna()]
    if len(odd):
        row = table.loc[odd.index[0]]
        raise AttuneError(
            f"{cells.name}: {odd.iloc[0]!r} is not a number",
            where=f"{row[FILE]}:{row[LINE]}",
            remedy=f"So are {len(odd) - 1} more cells of this column." if len(odd) > 1 else None,
        )
    return values


def _read(path: Path) -> pd.DataFrame:
    if path.suffix.lower() == ".parquet":
        return _parquet(path)
    if path.suffix.lower() in (".xlsx", ".xls", ".ods"):
        raise AttuneError("is a spreadsheet", where=path, remedy="Save it as CSV (UTF-8) and name that file.")
    return _delimited(path)


def _parquet(path: Path) -> pd.DataFrame:
    try:
        with opened(path) as file:
            table = pd.read_parquet(file).reset_index(drop=True)
    except MemoryError:  # some are ArrowExceptions too
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        raise AttuneError(f"cannot be read as Parquet ({error})", where=path) from None
    table.columns = [str(name).strip() for name in table.columns]
    for name in table.columns:
        if not pd.api.types.is_timedelta64_dtype(table[name]):
            table[name] = table[name].astype(object).map(_cell)
    return table.assign(**{LINE: range(1, len(table) + 1)})


def _delimited(path: Path) -> pd.DataFrame:
    lines = list(io.StringIO(text.read(path), newline="\n")) or [""]
    rows = csv.reader(lines, delimiter=_separator(path, lines[0]), skipinitialspace=True)
    header = [name.strip() for name in next(rows, [])]
    twice = [name for name in header if name and [*map(same, header)].count(same(name)) > 1]
    if not any(header) or twice:
        what = f"two columns are named {twice[0]!r}" if twice else "is empty"
        raise AttuneError(what, where=path, remedy="The first line should name the columns, each once.")
    found: list[list[Any]] = []
    line = rows.line_num
    for row in rows:
        first, line = line + 1, rows.line_num
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            raise _ragged(row, header, rows.dialect.delimiter, f"{path}:{first}")
        found.append([*map(_cell, row), first])
    return pd.DataFrame(found, columns=[*header, LINE])


def _ragged(row: list[str], header: list[str], separator: str, where: str) -> AttuneError:
    cells = f"{len(row)} cell{'s' if len(row) != 1 else ''}"
    other = next((one for one in SEPARATORS if one != separator and ",".join(row).count(one) >= len(header) - 1), None)
    remedy = f"Cells that contain the header's separator ({separator!r}) should be in quotation marks."
    if other and len(row) == 1:
        remedy = f"The header is separated by {separator!r}, this line by {other!r}: use one throughout."
    return AttuneError(f"has {cells}, and the header names {len(header)} columns", where=where, remedy=remedy)


def _separator(path: Path, header: str) -> str:
    if path.suffix.lower() in (".tsv", ".tab"):
        return "\t"
    return max(SEPARATORS, key=header.count)


def _cell(cell: Any) -> Any:
    if isinstance(cell, str):
        cell = cell.strip()
        return None if cell.lower() in MISSING else cell
    return None if cell is None or pd.isna(cell) else cell
