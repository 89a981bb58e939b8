"""Tables on disk for people, in CSV; columns are checked on writing and reading."""

import io
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from attune import spreadsheets
from attune.artifacts.door import reading
from attune.artifacts.tables import fitting
from attune.errors import AttuneError
from attune.spreadsheets import plain
from attune.storage import sums


@dataclass(frozen=True)
class TextTable:
    """A CSV file: its name, the step that writes it, the columns it must have. It may have others too.

    Those of `numbers` hold numbers or are empty. On disk, text is escaped so that no spreadsheet takes it for a
    formula; reading restores what was written.
    """

    file: str
    step: str
    columns: tuple[str, ...]
    numbers: tuple[str, ...] = ()

    def path(self, folder: Path) -> Path:
        return folder / self.file

    def write(self, folder: Path, table: pd.DataFrame) -> None:
        """Write a table into an existing folder.

        Raises:
            AttuneError: it lacks a column.
        """
        path = self.path(folder)
        with fitting(path):
            self._check(table)
        spreadsheets.write(table, path)
        sums.enter(path)

    def read(self, folder: Path, *columns: str) -> pd.DataFrame:
        """Read all columns, or those of `columns` that the file has; numbers as they were written.

        Raises:
            AttuneError: the file is missing, has changed, or lacks a column.
        """
        path = self.path(folder)
        with reading(path, self.step):
            content = io.BytesIO(sums.checked(path))
            self._check(pd.read_csv(content, nrows=0))
            content.seek(0)
            table = plain(pd.read_csv(content, usecols=(lambda name: name in columns) if columns else None))
            for name in table.columns.intersection(list(self.numbers)):
                if len(table) and not pd.api.types.is_numeric_dtype(table[name]):
                    raise AttuneError(f"has text in the column {name!r}, not numbers")
            return table

    def _check(self, table: pd.DataFrame) -> None:
        for name in self.columns:
            if name not in table.columns:
                raise ValueError(f"no column {name!r}")
