"""Tables on disk: CSV or TSV in any encoding and with any separator, or Parquet. CSV cells are text or None."""

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from attune.corpus import text
from attune.corpus.spelling import same
from attune.errors import AttuneError
from attune.storage.files import opened

SEPARATORS = ",;\t|"
MISSING = {"", "na", "n/a", "n.a.", "nan", "nat", "none", "null", "<na>", "#n/a", "#nv", "-", "?"}
FILE, LINE = "__file__", "__line__"
"""Added columns: the file and line of each row."""


def read(root: Path, names: Iterable[str]) -> pd.DataFrame:
    """Read tables below `root` and concatenate them, without columns that have no name.

    Raises:
        AttuneError: a table that is missing, outside `root`, or cannot be read.
    """
    tables = []
    for name in names:
        path = below(root, root / name, what="table")
        if not path.exists():
            raise AttuneError(
                "no such table", where=path, remedy="Give its path in corpus.table.files, relative to corpus.root."
            )
        named = _read(path).drop(columns="", errors="ignore")
        tables.append(named.assign(**{FILE: path.relative_to(root).as_posix()}))
    return pd.concat(tables, ignore_index=True)


def below(root: Path, path: Path, *, what: str) -> Path:
    """Return the path, after checking that it is in `root`.

    Raises:
        AttuneError: it leads out of `root`, where DVC would not see it change.
    """
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
        raise AttuneError(
            f"a {what} outside corpus.root",
            where=path,
            remedy=f"Move it below {root}, or set corpus.root to a folder above both.",
        )
    return path


def within(root: Path, path: Path) -> str:
    """Return a path that is in `root` relative to it, with links resolved only where they lead there."""
    name = Path(os.path.relpath(path, root))
    if ".." in name.parts or (os.path.lexists(path) and not os.path.lexists(root / name)):
        name = Path(os.path.realpath(path)).relative_to(os.path.realpath(root))
    return name.as_posix()


def _read(path: Path) -> pd.DataFrame:
    if path.suffix.lower() == ".parquet":
        return _parquet(path)
    if path.suffix.lower() in (".xlsx", ".xls", ".ods"):
        raise AttuneError("is a spreadsheet", where=path, remedy="Save it as CSV (UTF-8) and name that file.")
    return _delimited(path)


def _parquet(path: Path) -> pd.DataFrame:
    try:
        with opened(path) as file:
            table = pd.read_parquet(file)
        table = table.reset_index(drop=all(name is None for name in table.index.names))
    except MemoryError:  # some of these are ArrowExceptions too
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        raise AttuneError(f"cannot be read as Parquet ({error})", where=path) from None
    table.columns = _names([str(name) for name in table.columns], path)
    for name in table.columns:
        table[name] = table[name].astype(object).map(_cell)
    return table.assign(**{LINE: range(1, len(table) + 1)})


def _delimited(path: Path) -> pd.DataFrame:
    content = text.read(path)
    above, separator = 0, _separator(path, content.lstrip(" \n").partition("\n")[0])
    if stated := _EXCELS.match(content):
        above, separator, content = 1, stated[1], content[stated.end() :]
    cells = csv.reader(io.StringIO(content, newline="\n"), delimiter=separator, skipinitialspace=True, strict=True)
    rows = ((line, row) for line, row in _numbered(cells, path, above) if any(cell.strip() for cell in row))
    header = _names(next(rows, (1, []))[1], path)
    if not header:
        raise AttuneError("is empty", where=path, remedy=_HEADER)
    found = _Rows(header)
    for line, row in rows:
        if len(row) != len(header):
            raise _ragged(row, header, separator, f"{path}:{line}")
        found.add([*map(_cell, row)], line)
    return found.table()


class _Rows:
    """Collects rows while they are read, as tables, which take a tenth of the memory of as many objects."""

    def __init__(self, header: list[str]) -> None:
        self._header, self._tables = header, list[pd.DataFrame]()
        self._cells, self._lines = list[list[str | None]](), list[int]()

    def add(self, cells: list[str | None], line: int) -> None:
        self._cells.append(cells)
        self._lines.append(line)
        if len(self._cells) == _AT_ONCE:
            self._pack()

    def table(self) -> pd.DataFrame:
        self._pack()
        return pd.concat(self._tables, ignore_index=True)

    def _pack(self) -> None:
        if self._cells or not self._tables:
            table = pd.DataFrame(self._cells, columns=self._header, dtype="str")
            table[LINE] = pd.Series(self._lines, dtype="int64")
            self._tables.append(table)
        self._cells, self._lines = [], []


_AT_ONCE = 20_000


def _names(given: list[str], path: Path) -> list[str]:
    """Return the stripped column names.

    Raises:
        AttuneError: two are the same.
    """
    names = [name.strip() for name in given]
    spelt = Counter(same(name) for name in names if name)
    if twice := next((name for name, number in spelt.items() if number > 1), None):
        raise AttuneError(f"two columns are named {twice!r}", where=path, remedy=_HEADER)
    return names


def _numbered(rows: Any, path: Path, above: int) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line in which it begins; `above` counts the lines before the first."""
    line = above + 1
    try:
        for row in rows:
            yield line, row
            line = above + rows.line_num + 1
    except csv.Error as error:
        remedy = "Is there a quotation mark that is never closed? One inside a quoted cell is doubled."
        raise AttuneError(f"cannot be read on ({error})", where=f"{path}:{line}", remedy=remedy) from None


_HEADER = "The first line should name the columns, each once."
_EXCELS = re.compile(r"sep=(.)\n", re.IGNORECASE)
"""A first line that Excel takes as the separator, not as a row."""


def _ragged(row: list[str], header: list[str], separator: str, where: str) -> AttuneError:
    cells = f"{len(row)} cell{'s' if len(row) != 1 else ''}"
    other = next((one for one in SEPARATORS if one != separator and ",".join(row).count(one) >= len(header) - 1), None)
    remedy = f"Cells that contain the header's separator ({separator!r}) should be in quotation marks."
    if len(row) < len(header):
        remedy = f"Empty cells need their separator ({separator!r}) too."
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
    if isinstance(cell, bytes):
        return _cell(os.fsdecode(cell))
    return None if cell is None or (pd.api.types.is_scalar(cell) and pd.isna(cell)) else cell
