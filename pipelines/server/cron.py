"""Kubeflow's cron: six fields, seconds first. Kubeflow accepts what its scheduler cannot parse, and never runs it.

Fields and bounds are those of github.com/robfig/cron, which that scheduler uses.
"""

import re
from typing import NamedTuple

from attune.errors import AttuneError


class Field(NamedTuple):
    """A field of a cron expression, and its valid values."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    """Names of the values, the first for `low`."""


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS = (
    *(Field("second", 0, 59), Field("minute", 0, 59), Field("hour", 0, 23)),
    *(Field("day of month", 1, 31), Field("month", 1, 12, MONTHS), Field("day of week", 0, 6, DAYS)),
)
PART = re.compile(r"(?P<all>[*?])?(?P<first>\w+)?(-(?P<last>\w+))?(/(?P<step>[1-9]\d*))?", re.ASCII)


def check(cron: str) -> None:
    """Check that the scheduler can parse the expression.

    Raises:
        AttuneError: not six fields, or one is not a valid number, range, list or step.
    """
    given = cron.split()
    if len(given) != len(FIELDS):
        raise AttuneError(
            f"{cron!r} has {len(given)} fields, Kubeflow's cron takes {len(FIELDS)}",
            where="--cron",
            remedy="Seconds, minutes, hours, day of month, month, day of week; '0 0 3 * * 1' is Monday at three.",
        )
    for field, text in zip(FIELDS, given, strict=True):
        if not all(_is_part(part, field) for part in text.split(",")):
            raise AttuneError(
                f"{text!r} is no {field.name} of a cron ({field.low} to {field.high})",
                where="--cron",
                remedy="Numbers, ranges (1-5), lists (1,3), steps (*/2) or *; '0 0 3 * * 1' is Monday at three.",
            )


def _is_part(text: str, field: Field) -> bool:
    found = PART.fullmatch(text)
    if found is None or bool(found["all"]) == bool(found["first"]) or (found["all"] and found["last"]):
        return False
    first, last = (_number(found[name], field) for name in ("first", "last"))
    return bool(found["all"]) or (first is not None and (found["last"] is None or (last is not None and first <= last)))


def _number(text: str | None, field: Field) -> int | None:
    if text is None:
        return None
    if text.lower() in field.names:
        return field.low + field.names.index(text.lower())
    return int(text) if text.isdecimal() and field.low <= int(text) <= field.high else None
