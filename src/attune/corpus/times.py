"""Times in a recording as people write them: in seconds or as on a clock."""

import datetime
import math
from typing import Any

import pandas as pd

from attune.numbers import MINUS


def seconds(cell: Any) -> float:
    """Return the seconds of a number (with a decimal point or comma), a time of day, or a text such as ``00:00:01.5``
    or ``0 days 00:00:01.5``; NaN for anything else, such as ``1:30``, which may be minutes or hours.

    >>> seconds("00:01:30,5"), seconds("1,5"), seconds("1:30")
    (90.5, 1.5, nan)
    """
    if isinstance(cell, datetime.timedelta):
        return cell.total_seconds()
    text = str(cell).strip().replace(",", ".").replace(MINUS, "-")
    try:
        found = pd.to_timedelta(text).total_seconds() if ":" in text else float(text)
    except ValueError:
        return math.nan
    return found if math.isfinite(found) else math.nan
