"""The outcome of a rule, and the rows that break it."""

import html
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, overload

import pandas as pd

from attune.validation.rule import Rule


class Offender(NamedTuple):
    """A row that breaks a rule."""

    row: dict[str, Any]
    """Its identifying columns."""
    value: Any
    """The value in the tested column; a list where the rule tests several columns."""


class Offenders(Sequence[Offender]):
    """The rows that break a rule, kept as a table: as objects they would take ten times the memory."""

    def __init__(self, rows: pd.DataFrame, identity: Sequence[str], looked_at: Sequence[str]) -> None:
        """Args:
        rows: the offending rows, with the columns `identity` and `looked_at`.
        """
        self._rows = rows[list(dict.fromkeys([*looked_at, *identity]))]
        self._identity, self._looked_at = identity, looked_at

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Offender]:
        return (self._offender(row) for row in self._cells())

    @overload
    def __getitem__(self, place: int) -> Offender: ...

    @overload
    def __getitem__(self, place: slice) -> "Offenders": ...

    def __getitem__(self, place: int | slice) -> "Offender | Offenders":
        if isinstance(place, slice):
            return Offenders(self._rows.iloc[place], self._identity, self._looked_at)
        return next(iter(Offenders(self._rows.iloc[[place]], self._identity, self._looked_at)))

    @property
    def escaped(self) -> "Records":
        """The rows as data docs print them: values joined in one column, since data docs order columns arbitrarily."""
        found = [name for name in self._looked_at if name not in self._identity]
        if len(found) < 2:
            return Records(self._rows)
        texts = self._rows[found].astype("str").fillna("null")
        joined = texts[found[0]].str.cat(texts[found[1:]], sep=", ")
        return Records(self._rows.drop(columns=found).assign(**{", ".join(found): joined}))

    def _cells(self) -> Iterator[dict[str, Any]]:
        names = list(map(str, self._rows))
        return (dict(zip(names, row, strict=True)) for row in zip(*(self._rows[name] for name in names), strict=True))

    def _offender(self, row: dict[str, Any]) -> Offender:
        values = [_plain(row[name]) for name in self._looked_at]
        identity = {name: _plain(row[name]) for name in self._identity}
        return Offender(identity, values[0] if len(values) == 1 else values)


class Records(Sequence[dict[str, Any]]):
    """Rows as Great Expectations lists them, each created on access, and escaped."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, place: slice) -> "Records": ...

    def __getitem__(self, place: int | slice) -> "dict[str, Any] | Records":
        if isinstance(place, slice):
            return Records(self._rows.iloc[place])
        return next(iter(Records(self._rows.iloc[[place]])))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        names = list(map(str, self._rows))
        columns = (map(escaped, self._rows[name]) for name in names)
        return (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))


class Outcome(NamedTuple):
    """The outcome of one rule."""

    rule: Rule
    checked: int
    """Rows that the rule applied to."""
    offenders: Sequence[Offender]


def escaped(cell: Any) -> Any:
    """Escape a cell: data docs print cells unescaped, and a path may contain anything."""
    return html.escape(cell) if isinstance(cell, str) else cell


def _plain(cell: Any) -> Any:
    """Return a cell as a number, a text or None, which JSON can represent."""
    if isinstance(cell, str):
        return cell
    if pd.isna(cell):
        return None
    return cell.item() if hasattr(cell, "item") else cell
