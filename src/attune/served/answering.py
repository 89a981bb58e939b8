"""Score a table of audio; bad rows fail the whole request or are reported in a column."""

from typing import Any

import pandas as pd

from attune.errors import AttuneError
from attune.served import inputs, schema
from attune.served.ensemble import Ensemble
from attune.waveform.audio import Heard

ERRORS = ("raise", "column")
_SHOWN = 5


def answer(ensemble: Ensemble, rows: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
    """Return one row of scores per row of audio, in the same order and with the same index, with signal warnings.

    Args:
        ensemble: the networks.
        rows: columns `audio`, or `path`, or `samples` with `rate`; `start` and `end` (seconds) for a part of a file.
        params: `attention` adds the weights over time; `errors`: "raise" refuses everything if a row cannot be
            read, "column" leaves its scores empty and gives the reason in a column `error`.

    Raises:
        AttuneError: rows cannot be read (the message names them and why), no known column, or unknown `errors`.
    """
    wanted = {"attention": False, "errors": "raise", **(params or {})}
    if wanted["errors"] not in ERRORS:
        raise AttuneError(
            f"errors must be one of {', '.join(ERRORS)}, got {wanted['errors']!r}",
            remedy="Name one of them, or leave it out.",
        )
    if not set(inputs.SOURCES) & set(rows.columns):
        raise AttuneError(
            f"none of the columns {', '.join(inputs.SOURCES)} is given",
            remedy="Give one of them for each row.",
        )
    heard, faults = _read(rows, ensemble.sample_rate)
    if faults and wanted["errors"] == "raise":
        raise AttuneError(summary(faults, len(heard)))
    predictions = iter(ensemble.predict([one.waveform for one in heard if one]))
    per_row = [next(predictions) if one else None for one in heard]
    table = schema.scores(per_row, ensemble.tasks)
    if wanted["attention"]:
        table = table.join(schema.attention(per_row, ensemble.tasks, ensemble.hop, ensemble.window))
    table["warnings"] = pd.Series([schema.warnings(one.warnings) if one else None for one in heard], dtype=object)
    if wanted["errors"] == "column":
        table["error"] = pd.Series([faults.get(place) for place in range(len(per_row))], dtype=object)
    return table.set_index(rows.index)


def summary(faults: dict[int, str], rows: int) -> str:
    """Return how many rows cannot be read, and why the first few cannot; `faults` is by row number from 0."""
    shown = "; ".join(f"row {place}: {fault}" for place, fault in list(faults.items())[:_SHOWN])
    more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    return f"{len(faults)} of {rows} rows cannot be read (rows are counted from 0): {shown}{more}"


def _read(rows: pd.DataFrame, sample_rate: int) -> tuple[list[Heard | None], dict[int, str]]:
    heard: list[Heard | None] = []
    faults: dict[int, str] = {}
    for place in range(len(rows)):
        try:
            heard.append(inputs.hear(rows.iloc[place], sample_rate))
        except AttuneError as error:
            heard.append(None)
            faults[place] = error.on_one_line()
    return heard, faults
