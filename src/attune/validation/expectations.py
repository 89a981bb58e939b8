"""Stock expectations of Great Expectations, under the short names that rules use."""

from typing import Any, NamedTuple


class Test(NamedTuple):
    """The name and arguments of a stock expectation of Great Expectations."""

    expectation: str
    columns: list[str]
    """The columns it tests."""
    arguments: dict[str, Any]
    whole: bool = False
    """Whether it tests all rows together, rather than each by itself."""


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
