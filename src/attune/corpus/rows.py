"""Rows of a corpus as its two tables, whose columns have their declared types even where all values are missing."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_type_hints

import pandas as pd

from attune.corpus.contract import Rating, Utterance
from attune.tasks import TASKS


def utterance_table(rows: Sequence[Utterance], tasks: Sequence[str] = TASKS) -> pd.DataFrame:
    """Rows as a table whose columns have their declared types even where all values are missing."""
    return _table(rows, Utterance, ["utterance"], tasks)


def rating_table(rows: Sequence[Rating], tasks: Sequence[str] = TASKS) -> pd.DataFrame:
    """Likewise for ratings."""
    return _table(rows, Rating, _RATING_ORDER, tasks)


class RatingRows:
    """Ratings while they are read: kept as a table, which takes a tenth of the memory of so many objects."""

    def __init__(self, tasks: Sequence[str] = TASKS) -> None:
        self._tasks, self._rows, self._tables = tasks, list[Rating](), list[pd.DataFrame]()

    def add(self, rows: Iterable[Rating]) -> None:
        """Add some."""
        self._rows += rows
        if len(self._rows) >= _AT_ONCE:
            self._pack()

    def table(self) -> pd.DataFrame:
        """All of them, as `rating_table` has them."""
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
    """The columns of a table of such rows, a column for each task where the ratings are."""
    return [name for field in kind._fields for name in (tasks if field == "ratings" else [field])]


def ratings_of(columns: Mapping[str, Any], tasks: Sequence[str]) -> pd.DataFrame:
    """The same from columns: ``utterance``, ``rater``, ``self_report`` and the tasks, of rated dimensions."""
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
    cells = {name: [_cell(row, name, name in tasks) for row in rows] for name in types}  # no dictionary per row
    table = pd.DataFrame(cells, columns=list(types)).astype(types)
    return table.sort_values(order, kind="stable", ignore_index=True)


def _cell(row: Utterance | Rating, name: str, rated: bool) -> Any:
    return row.ratings.get(name, math.nan) if rated else getattr(row, name)


_COLUMN_TYPES: dict[Any, str] = {
    **{str: "str", str | None: "str", float: "float64", bool: "bool"},
    **{int: "int64", int | str: "int64"},
}
