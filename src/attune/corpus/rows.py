"""Conversion of a corpus's rows to its two tables, whose columns keep their declared types even if all missing."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_type_hints

import pandas as pd

from attune.corpus.contract import Rating, Utterance
from attune.tasks import TASKS


def utterance_table(rows: Sequence[Utterance], tasks: Sequence[str] = TASKS) -> pd.DataFrame:
    """Return utterances as a table whose columns have their declared types even where all values are missing."""
    return _table(rows, Utterance, ["utterance"], tasks)


def rating_table(rows: Sequence[Rating], tasks: Sequence[str] = TASKS) -> pd.DataFrame:
    """Return ratings as a table, typed in the same way."""
    return _table(rows, Rating, _RATING_ORDER, tasks)


class RatingRows:
    """Collects ratings while they are read, as tables, which take a tenth of the memory of as many objects."""

    def __init__(self, tasks: Sequence[str] = TASKS) -> None:
        self._tasks, self._rows, self._tables = tasks, list[Rating](), list[pd.DataFrame]()

    def add(self, rows: Iterable[Rating]) -> None:
        """Add ratings."""
        self._rows += rows
        if len(self._rows) >= _AT_ONCE:
            self._pack()

    def table(self) -> pd.DataFrame:
        """Return all of them, in the form of `rating_table`."""
        self._pack()
        tables, self._tables = self._tables, []
        return pd.concat(tables, ignore_index=True).sort_values(_RATING_ORDER, kind="stable", ignore_index=True)

    def _pack(self) -> None:
        if self._rows or not self._tables:
            self._tables.append(rating_table(self._rows, self._tasks))
        self._rows = []


_AT_ONCE = 20_000
_RATING_ORDER = ["utterance", "kind", "rater"]


def columns_of(kind: type[Utterance | Rating], tasks: Sequence[str]) -> list[str]:
    """Return the columns of a table of such rows: the field ``ratings`` becomes a column for each task."""
    return [name for field in kind._fields for name in (tasks if field == "ratings" else [field])]


def ratings_of(columns: Mapping[str, Any], tasks: Sequence[str]) -> pd.DataFrame:
    """Return dimensional ratings as a table, given the columns ``utterance``, ``rater``, ``self_report`` and tasks."""
    types = {name: _COLUMN_TYPES[get_type_hints(Rating).get(name, float)] for name in columns_of(Rating, tasks)}
    table = pd.DataFrame({"kind": "dimensional", "category": None, "comment": None, **columns})[list(types)]
    return table.astype(types).sort_values(_RATING_ORDER, kind="stable", ignore_index=True)


def _table(
    rows: Sequence[Utterance | Rating], kind: type[Utterance | Rating], order: list[str], tasks: Sequence[str]
) -> pd.DataFrame:
    hints = get_type_hints(kind)
    types = {name: _COLUMN_TYPES[hints.get(name, float)] for name in columns_of(kind, tasks)}
    if any(isinstance(row, Utterance) and isinstance(row.session, str) for row in rows):
        types["session"] = "str"
    cells = {name: [_cell(row, name, name in tasks) for row in rows] for name in types}  # saves a dictionary per row
    table = pd.DataFrame(cells, columns=list(types)).astype(types)
    return table.sort_values(order, kind="stable", ignore_index=True)


def _cell(row: Utterance | Rating, name: str, rated: bool) -> Any:
    return row.ratings.get(name, math.nan) if rated else getattr(row, name)


_COLUMN_TYPES: dict[Any, str] = {
    **{str: "str", str | None: "str", float: "float64", bool: "bool"},
    **{int: "int64", int | str: "int64"},
}
