"""Merging of Great Expectations' results for parts of a table into its result for the whole."""

from collections import Counter
from typing import Any

LISTED, SHOWN = 200, 20
"""How many values Great Expectations lists, and how many it shows."""


def together(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Merge the results for each part, in order, into one."""
    if len(parts) == 1:
        return parts[0]
    rows, unexpected = (sum(part[name] for part in parts) for name in ("element_count", "unexpected_count"))
    values = [value for part in parts for value in part["unexpected_list"]][:LISTED]
    found = {
        "element_count": rows,
        "unexpected_count": unexpected,
        "unexpected_percent": _percent(unexpected, rows),
        "partial_unexpected_list": values[:SHOWN],
        "partial_unexpected_counts": _counts(values),
        "unexpected_list": values,
        "unexpected_index_list": [place for part in parts for place in part["unexpected_index_list"]],
    }
    if "missing_count" in parts[0]:
        missing = sum(part["missing_count"] for part in parts)
        share = _percent(unexpected, rows - missing)
        found |= {
            "missing_count": missing,
            "missing_percent": _percent(missing, rows),
            "unexpected_percent": share,
            "unexpected_percent_nonmissing": share,
            "unexpected_percent_total": _percent(unexpected, rows),
        }
    return found


def settle(result: Any) -> None:
    """Update a suite's overall result from those of its rules."""
    held = sum(one.success for one in result.results)
    result.success = held == len(result.results)
    result.statistics |= {
        "successful_expectations": held,
        "unsuccessful_expectations": len(result.results) - held,
        "success_percent": _percent(held, len(result.results)),
    }


def _percent(count: int, of: int) -> float | None:
    return count / of * 100 if of else None


def _counts(values: list[Any]) -> list[dict[str, Any]]:
    counted = Counter(values).most_common(SHOWN)
    return [{"value": value, "count": count} for value, count in sorted(counted, key=lambda one: (-one[1], one[0]))]
