"""From a table of audio to a table of scores; bad rows refused together, or told in a column."""

from typing import Any

import pandas as pd

from attune.errors import AttuneError
from attune.served import inputs, schema
from attune.served.ensemble import Ensemble
from attune.waveform.audio import Heard

ERRORS = ("raise", "column")
_SHOWN = 5


def answer(ensemble: Ensemble, rows: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
    """One row of scores per row of audio, in its order and under its index, and what is doubtful about its signal.

    Args:
        ensemble: the networks.
        rows: columns `audio`, or `path`, or `samples` with `rate`; `start` and `end` (seconds) for a part of a file.
        params: `attention` adds the weights over time; `errors`: "raise" refuses everything where a row cannot be
            read, "column" leaves its numbers empty and says why in a column `error`.

    Raises:
        AttuneError: naming the rows that cannot be read, and why; no known column; unknown `errors`.
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
    """How many rows cannot be read, and why the first few cannot; `faults` is by place, counted from 0."""
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
