"""Omissions and misspellings in rows that are used nevertheless, noted with file and line."""

from collections.abc import Iterable, Mapping

import pandas as pd

from attune.corpus.contract import Note, note_table
from attune.corpus.tabular import files, rows
from attune.corpus.tabular.columns import column
from attune.corpus.tabular.settings import Columns, Task

UNNAMED, UNKNOWN = "unnamed-speaker", "unknown-word"


def kinds(columns: Columns, tasks: Mapping[str, Task]) -> tuple[str, ...]:
    """Return the kinds of notes that a table with these columns can give rise to."""
    judged = any(task.knots is None for task in tasks.values())
    return (*([UNNAMED] if columns.speaker else []), *([UNKNOWN] if judged else []))


def notes(table: pd.DataFrame, columns: Columns, tasks: Mapping[str, Task]) -> pd.DataFrame:
    """Return all notes, in the contract's form.

    Raises:
        AttuneError: a column is missing.
    """
    return note_table([*_unnamed_speakers(table, columns), *_unknown_words(table, tasks)])


def _unnamed_speakers(table: pd.DataFrame, columns: Columns) -> Iterable[Note]:
    if columns.speaker:
        cells = rows.texts(column(table, columns.speaker, "columns.speaker"))
        for cell, file, line in zip(cells, table[files.FILE], table[files.LINE], strict=True):
            if rows.is_nobody(cell):
                yield Note(UNNAMED, file, line, cell or "no speaker")


def _unknown_words(table: pd.DataFrame, tasks: Mapping[str, Task]) -> Iterable[Note]:
    """Yield a note for each cell of a categorical task whose word stands for no class."""
    for name, task in tasks.items():
        if task.knots is None:
            cells = rows.texts(column(table, task.column or name, f"tasks.{name}.column"))
            for cell, file, line in zip(cells, table[files.FILE], table[files.LINE], strict=True):
                if cell is not None and cell.lower() not in task.words:
                    yield Note(UNKNOWN, file, line, f"{name}: {cell!r}")
