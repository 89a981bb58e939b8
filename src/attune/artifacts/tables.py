"""Tables on disk between steps, in Parquet; columns are checked on writing and reading."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from attune.artifacts.door import again, reading
from attune.errors import AttuneError
from attune.storage import sums

TEXT, NUMBER, WHOLE, SMALL, FLAG = pa.large_string(), pa.float64(), pa.int64(), pa.int8(), pa.bool_()
EITHER = None
"""Type of a column that may be numbers or text, such as sessions."""


BATCH_ROWS = 4096
"""Rows in memory at once while a table is streamed."""


@dataclass(frozen=True)
class Table:
    """A Parquet file: its name, the step that writes it, the columns it must have. It may have others too.

    Columns of whole numbers and flags have no empty cells, nor have those of `filled`, whose numbers are finite. `key`
    is the column in which nothing occurs twice, if there is one.
    """

    file: str
    step: str
    columns: Mapping[str, pa.DataType | None]
    filled: tuple[str, ...] = ()
    key: str | None = None

    def path(self, folder: Path) -> Path:
        return folder / self.file

    def having(self, columns: Mapping[str, pa.DataType | None], filled: Iterable[str] = ()) -> "Table":
        """Return the same table with further required columns, and further ones without empty cells."""
        return replace(self, columns={**self.columns, **columns}, filled=(*self.filled, *filled))

    def write(self, folder: Path, table: pd.DataFrame, notes: Mapping[str, str] | None = None) -> None:
        """Write a table into an existing folder, and `notes` into its schema.

        Raises:
            AttuneError: it lacks a column, or has the wrong type in one.
        """
        path = self.path(folder)
        with fitting(path):
            schema = self._schema(pa.Schema.from_pandas(table, preserve_index=False))
            content = pa.Table.from_pandas(table, schema=schema, preserve_index=False)
        if notes:
            content = content.replace_schema_metadata({**(content.schema.metadata or {}), **notes})
        pq.write_table(content, path, write_page_checksum=True)
        sums.enter(path)

    @contextmanager
    def writing(
        self, folder: Path, like: pd.DataFrame | None = None, notes: Mapping[str, str] | None = None
    ) -> Iterator["Rows"]:
        """Write a table with exactly `columns` piece by piece, and `notes` into its schema.

        Args:
            like: a table whose columns have the types that `columns` leaves open.
        """
        path = self.path(folder)
        own = {} if like is None else _types(like)
        fields = [(name, type_ or own[name]) for name, type_ in self.columns.items()]
        schema = pa.schema(fields, metadata=dict(notes) if notes else None)
        with pq.ParquetWriter(path, schema, write_page_checksum=True) as writer:
            yield Rows(path, writer)
        sums.enter(path)

    def read(self, folder: Path, *columns: str, categories: Iterable[str] = ()) -> pd.DataFrame:
        """Read these columns, or all.

        Args:
            categories: columns of repeated text to read as categories, so that each text is in memory once.

        Raises:
            AttuneError: the file is missing, has changed, or lacks a column of that type.
        """
        path = self.path(folder)
        with reading(path, self.step):
            file = pa.BufferReader(sums.checked(path))
            self._check(path, pq.read_schema(file), columns or tuple(self.columns))
            file.seek(0)
            content = pq.ParquetFile(file, page_checksum_verification=True, read_dictionary=list(categories)).read(
                list(columns) or None
            )
            self._check_filled(content)
            if self.key in content.column_names and pc.count_distinct(content[self.key]).as_py() < len(content):
                raise AttuneError(f"has the same cell twice in the column {self.key!r}")
            table = content.to_pandas(categories=list(categories), self_destruct=True)
        del file, content
        pa.default_memory_pool().release_unused()  # the file and its columns, which may be as large as the table
        return table

    def has(self, folder: Path, column: str) -> bool:
        """Return whether a written table has a column.

        Raises:
            AttuneError: the file is missing or is not a table.
        """
        path = self.path(folder)
        with reading(path, self.step):
            return column in pq.read_schema(path).names

    def notes(self, folder: Path) -> dict[str, str]:
        """Read the notes in its schema.

        Raises:
            AttuneError: as for `read`.
        """
        path = self.path(folder)
        with reading(path, self.step):
            sums.check(path)
            return {key.decode(): value.decode() for key, value in (pq.read_schema(path).metadata or {}).items()}

    def batches(self, folder: Path, *columns: str, rows: int = BATCH_ROWS) -> Iterator[pa.Table]:
        """Read these columns, `rows` rows at a time; the whole file is checked first.

        Raises:
            AttuneError: as for `read`.
        """
        path = self.path(folder)
        with reading(path, self.step):
            sums.check(path)
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                self._check(path, file.schema_arrow, columns)
                for batch in file.iter_batches(rows, columns=list(columns)):
                    content = pa.Table.from_batches([batch])
                    self._check_filled(content)
                    yield content

    def _schema(self, own: pa.Schema) -> pa.Schema:
        fields = [pa.field(name, self.columns.get(name) or own.field(name).type) for name in own.names]
        lacking = [name for name in self.columns if name not in own.names]
        if lacking:
            raise ValueError(f"no column {lacking[0]!r}")
        return pa.schema(fields)

    def _check(self, path: Path, schema: pa.Schema, columns: Iterable[str]) -> None:
        for name in columns:
            if name not in schema.names:
                raise AttuneError(f"has no column {name!r}", where=path, remedy=again(self.step))
            wanted, found = self.columns.get(name), schema.field(name).type
            if wanted is not None and found != wanted:
                raise AttuneError(
                    f"has {found} in the column {name!r}, not {wanted}", where=path, remedy=again(self.step)
                )

    def _check_filled(self, content: pa.Table) -> None:
        for name in content.column_names:
            column = content[name]
            full = name in self.filled or self.columns.get(name) in (WHOLE, SMALL, FLAG)
            if full and (column.null_count or (column.type == NUMBER and not pc.all(pc.is_finite(column)).as_py())):
                raise AttuneError(f"has empty cells in the column {name!r}")


def _types(table: pd.DataFrame) -> dict[str, pa.DataType]:
    schema = pa.Schema.from_pandas(table, preserve_index=False)
    return dict(zip(schema.names, schema.types, strict=True))


class Rows:
    """Writes the rows of a table piece by piece."""

    def __init__(self, path: Path, writer: pq.ParquetWriter) -> None:
        self._path, self._writer = path, writer

    def add(self, rows: list[dict[str, Any]]) -> None:
        """Write further rows, as one group."""
        if rows:
            self._writer.write_table(pa.Table.from_pylist(rows, self._writer.schema))

    def add_table(self, table: pd.DataFrame) -> None:
        """Write the rows of a table that has all the columns.

        Raises:
            AttuneError: it lacks a column, or has the wrong type in one.
        """
        with fitting(self._path):
            content = pa.Table.from_pandas(table, schema=self._writer.schema, preserve_index=False)
        self._writer.write_table(content)


@contextmanager
def fitting(path: Path) -> Iterator[None]:
    """Turn errors of building a table into an AttuneError.

    Raises:
        AttuneError: it lacks a column, or has the wrong type in one.
    """
    try:
        yield
    except MemoryError:  # some of these are ArrowExceptions too
        raise
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise AttuneError(f"would not have the columns it should have: {error}", where=path) from None
