"""Lists of files to score: CSV with commas, semicolons or tabs, or parquet; as people and audformat write them."""

import csv
import io
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from attune.errors import AttuneError

SUFFIXES = frozenset({".csv", ".tsv", ".parquet"})
PATHS = ("path", "file", "filename")
"""Names of the column of paths, in any case; audformat's is `file`."""
_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))

Row = tuple[Path, float | None, float | None, dict[str, Any]]


def read(path: Path) -> list[Row]:
    """Rows of a list: the file, relative to the list's folder, the part of it in seconds, and the other columns.

    Raises:
        AttuneError: not readable, without a column of paths or without rows, or a row without a path or with a
            part that cannot be; the message names the row.
    """
    table = _table(path)
    names = {str(name).strip().casefold(): name for name in reversed(list(table.columns))}
    column = next((names[name] for name in PATHS if name in names), None)
    if column is None:
        found = ", ".join(str(name) for name in table.columns)
        raise AttuneError(f"a list of audio files needs a column 'path' (or 'file'); it has {found}", where=path)
    if table.empty:
        raise AttuneError("lists no files", where=path, remedy="Put a row for each file below the line of names.")
    parts = [names.get(name) for name in ("start", "end")]
    return list(_rows(path, table, column, parts))


def _rows(path: Path, table: pd.DataFrame, column: Any, parts: list[Any]) -> Iterator[Row]:
    others = [name for name in table.columns if name != column and name not in parts]
    for number, row in enumerate(table.to_dict("records"), start=1):
        where = f"{path}, row {number}"
        if _missing(row[column]):
            raise AttuneError("has no path; the column of paths must be filled in every row", where=where)
        start, end = (None if part is None else _seconds(row[part], where) for part in parts)
        if (start or 0) < 0 or (end is not None and end <= (start or 0)):
            raise AttuneError(f"start must be 0 or more and before end; got {start} and {end}", where=where)
        more = {str(name).strip(): None if _missing(row[name]) else row[name] for name in others}
        yield _resolved(path.parent, str(row[column])), start or None, end, more


def _resolved(folder: Path, text: str) -> Path:
    """The file of that name; where there is none, without blanks around it, or by its bytes in Latin-1."""
    named = folder / Path(text).expanduser()
    if not os.path.lexists(named):
        for other in (text.strip(), os.fsdecode(text.encode("cp1252", "ignore"))):
            if other and os.path.lexists(folder / other):
                return folder / other
    return named


def _missing(cell: Any) -> bool:
    return cell is None or cell is pd.NaT or cell == "" or (isinstance(cell, float) and math.isnan(cell))


def _seconds(cell: Any, where: str) -> float | None:
    """Seconds, from a number or from a time such as audformat's ``0 days 00:00:01.5``."""
    if _missing(cell) or str(cell).strip() in ("", "NaT"):
        return None
    try:
        return float(cell) if not isinstance(cell, pd.Timedelta) else cell.total_seconds()
    except (TypeError, ValueError):
        pass
    try:
        return pd.to_timedelta(str(cell)).total_seconds()
    except ValueError:
        raise AttuneError(f"{cell!r} is neither seconds nor a time", where=where) from None


def _table(path: Path) -> pd.DataFrame:
    try:
        if path.suffix.lower() != ".parquet":
            return _separated(path)
        table = pd.read_parquet(path)
        return table.reset_index() if any(name is not None for name in table.index.names) else table
    except FileNotFoundError:
        raise AttuneError("no such list", where=path) from None
    except (OSError, ValueError, csv.Error) as error:
        raise AttuneError(f"cannot be read as a table ({error})", where=path) from None


def _separated(path: Path) -> pd.DataFrame:
    """All cells as text: a file named 007 keeps its noughts, and one named NA is there."""
    text = _decoded(path.read_bytes())
    head = text.lstrip("\r\n").partition("\n")[0]
    comma = max((",", ";", "\t"), key=head.count)
    return pd.read_csv(io.StringIO(text), sep=comma, dtype=str, keep_default_na=False, index_col=False)


def _decoded(content: bytes) -> str:
    """UTF-8, UTF-16 by its mark, or else Windows' Latin-1, in which Excel saves."""
    coding = next((coding for mark, coding in _MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(coding)
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
