"""Read lists of files to score: CSV with commas, semicolons or tabs, or parquet; by hand or from audformat."""

import csv
import io
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from attune.corpus import text
from attune.corpus.spelling import Disk, is_address
from attune.corpus.times import seconds
from attune.errors import AttuneError
from attune.storage.files import opened

SUFFIXES = frozenset({".csv", ".tsv", ".parquet"})
PATHS = ("path", "file", "filename")
"""Names of the path column, case-insensitive; audformat's is `file`."""

UNREAD = {
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".ods", ".numbers"), "a spreadsheet"),
    **dict.fromkeys((".txt", ".json", ".jsonl", ".m3u", ".yaml", ".yml"), "neither audio nor a list that is read"),
}
"""Other formats in which users keep lists, by suffix; they are not read."""

Row = tuple[Path, float | None, float | None, dict[str, Any]]


def read(path: Path) -> list[Row]:
    """Return the rows of a list: the file, relative to the list's folder, its start and end in seconds, other columns.

    Raises:
        AttuneError: not readable, no path column or no rows, or a row without a path or with an impossible start or
            end; the message names the row.
    """
    table = _table(path)
    names = {str(name).strip().casefold(): name for name in reversed(list(table.columns))}
    column = next((names[name] for name in PATHS if name in names), None)
    if column is None:
        found = ", ".join(str(name) for name in table.columns)
        raise AttuneError(
            f"a list of audio files needs a column 'path' (or 'file'); it has {found}",
            where=path,
            remedy="Rename the column with the paths.",
        )
    if table.empty:
        raise AttuneError("lists no files", where=path, remedy="Add a row for each file below the header.")
    parts = [names.get(name) for name in ("start", "end")]
    return list(_rows(path, table, column, parts))


def _rows(path: Path, table: pd.DataFrame, column: Any, parts: list[Any]) -> Iterator[Row]:
    others = [name for name in table.columns if name != column and name not in parts]
    disk = Disk()
    for number, row in enumerate(table.to_dict("records"), start=1):
        where = f"{path}, row {number}"
        if _missing(row[column]) or not str(row[column]).strip():
            raise AttuneError("has no path", where=where, remedy="Fill in the column of paths in every row.")
        start, end = (None if part is None else _seconds(row[part], where) for part in parts)
        if (start or 0) < 0 or (end is not None and end <= (start or 0)):
            raise AttuneError(
                f"start must be 0 or more and before end; got {start} and {end}",
                where=where,
                remedy="Correct this row of the list.",
            )
        file = _resolved(path.parent, str(row[column]), disk)
        if is_address(str(row[column]).strip()) and not os.path.lexists(file):
            raise AttuneError(
                f"{row[column]!r} is an address, not a path", where=where, remedy="Download the file and list its path."
            )
        more = {str(name).strip(): None if _missing(row[name]) else row[name] for name in others}
        yield file, start or None, end, more


def _resolved(folder: Path, name: str, disk: Disk) -> Path:
    """Return the file of that name; else try it stripped, with slashes, as cp1252 bytes, or in another spelling.

    Raises:
        AttuneError: several files match in another spelling.
    """
    try:
        named = folder / Path(name).expanduser()
    except RuntimeError:  # no such user: a file may be named ~x.wav
        named = folder / name
    if os.path.lexists(named):
        return named
    for other in (name.strip(), name.strip().replace("\\", "/"), os.fsdecode(name.encode("cp1252", "ignore"))):
        if other and os.path.lexists(found := disk.found(folder, other)):
            return found
    return named


def _missing(cell: Any) -> bool:
    empty = isinstance(cell, str) and not cell
    return cell is None or cell is pd.NaT or cell is pd.NA or empty or (isinstance(cell, float) and math.isnan(cell))


def _seconds(cell: Any, where: str) -> float | None:
    """Parse seconds, from a number or a time such as audformat's ``0 days 00:00:01.5``."""
    if _missing(cell) or str(cell).strip() in ("", "NaT", "nan"):
        return None
    found = seconds(cell)
    if not math.isfinite(found):
        raise AttuneError(
            f"{cell!r} is neither seconds nor a time such as 0 days 00:00:01.5",
            where=where,
            remedy="Correct this row of the list.",
        )
    return found


def _table(path: Path) -> pd.DataFrame:
    try:
        if path.suffix.lower() != ".parquet":
            return _separated(path)
        with opened(path) as file:
            table = pd.read_parquet(file)
        return table.reset_index() if any(name is not None for name in table.index.names) else table
    except FileNotFoundError:
        raise AttuneError("no such list", where=path, remedy="Check the spelling of its name.") from None
    except (OSError, ValueError, csv.Error) as error:
        raise AttuneError(
            f"cannot be read as a table ({error})", where=path, remedy="Save it again as CSV, TSV or parquet."
        ) from None


def _separated(path: Path) -> pd.DataFrame:
    """Read all cells as text: a file named 007 keeps its zeros, and one named NA is not missing."""
    if not path.exists():
        raise FileNotFoundError
    content = text.read(path).lstrip("\n")
    head = content.partition("\n")[0]
    reader = csv.reader(io.StringIO(content, newline="\n"), delimiter=max(",;\t", key=head.count))
    names = next(reader, [])
    if not any(names):
        raise AttuneError("is empty", where=path, remedy="Start with a header (path, ...) and add a row for each file.")
    twice = [name for name in names if name and names.count(name) > 1]
    if twice:
        raise AttuneError(f"two columns are named {twice[0]!r}", where=path, remedy="Rename one of them.")
    rows = [row for row in reader if any(cell.strip() for cell in row)]
    for number, row in enumerate(rows, start=1):
        if len(row) > len(names):
            raise AttuneError(
                f"has {len(row)} cells, and there are {len(names)} columns",
                where=f"{path}, row {number}",
                remedy="Put cells that contain the separator into quotation marks.",
            )
    cells = [row + [""] * (len(names) - len(row)) for row in rows]
    columns = pd.Index([name or f"column {place}" for place, name in enumerate(names, start=1)], dtype=object)
    table = pd.DataFrame(cells, columns=columns, dtype=object)
    is_used = [bool(name) or bool((column != "").any()) for name, (_, column) in zip(names, table.items(), strict=True)]
    return table.loc[:, is_used]
