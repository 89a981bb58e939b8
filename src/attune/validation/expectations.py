"""Stock expectations of Great Expectations, by the short names that rules are written in."""

from typing import Any, NamedTuple


class Test(NamedTuple):
    """A stock expectation of Great Expectations, by name, and its arguments."""

    expectation: str
    columns: list[str]
    """The columns it looks at."""
    arguments: dict[str, Any]
    whole: bool = False
    """Whether it looks at all rows together; otherwise at each by itself."""


def between(column: str, low: float | None, high: float | None) -> Test:
    limits = {"column": column, "min_value": low, "max_value": high}
    return Test("ExpectColumnValuesToBeBetween", [column], limits)


def one_of(column: str, *values: str | int) -> Test:
    return Test("ExpectColumnValuesToBeInSet", [column], {"column": column, "value_set": list(values)})


def unique(column: str) -> Test:
    return Test("ExpectColumnValuesToBeUnique", [column], {"column": column}, whole=True)


def unique_together(*columns: str) -> Test:
    return Test("ExpectCompoundColumnsToBeUnique", [*columns], {"column_list": list(columns)}, whole=True)


def present(column: str) -> Test:
    return Test("ExpectColumnValuesToNotBeNull", [column], {"column": column})


def equal(column: str, other: str) -> Test:
    return Test("ExpectColumnPairValuesToBeEqual", [column, other], {"column_A": column, "column_B": other})
