"""The data behind the utterance explorer, as the page's script reads it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune.report.contents import Contents, Example, Run
from attune.report.embed import data_uri
from attune.report.sound import flac, outline
from attune.signal import HOP, SAMPLE_RATE, WINDOW

HOP_SECONDS, WINDOW_SECONDS = HOP / SAMPLE_RATE, WINDOW / SAMPLE_RATE
"""Attention weight i belongs to the window of 40 ms that starts at 10 ms * i."""

LEVELS = 255
"""Steps from zero to the largest weight of an utterance; the picture cannot show finer ones."""


def section(contents: Contents) -> dict[str, Any]:
    """Return the content of templates/explorer.html before its script runs, and the script's data."""
    rows = contents.tested[contents.tested["utterance"].isin([one.utterance for one in contents.examples])]
    data = {
        "tasks": contents.run.tasks,
        "classes": {task: list(names) for task, names in contents.run.classes.items()},
        "systems": list(contents.run.systems),
        "system": contents.run.main_system,
        "hop": HOP_SECONDS,
        "window": WINDOW_SECONDS,
        "utterances": [_utterance(example, rows, contents.run) for example in contents.examples],
    }
    known = contents.run.origin.speakers_known
    return {
        "data": data,
        "speakers": sorted({str(example.facts["speaker"]) for example in contents.examples}) if known else [],
        "has_cues": any(example.cue for example in contents.examples),
        "has_attention": any(example.attention for example in contents.examples),
    }


def _utterance(example: Example, rows: pd.DataFrame, run: Run) -> dict[str, Any]:
    low, high = outline(example.pcm)
    own = rows[rows["utterance"] == example.utterance]
    return {
        "id": example.utterance,
        "reason": example.reason,
        **example.facts,
        "speaker": example.facts["speaker"] if run.origin.speakers_known else None,
        "seconds": round(len(example.pcm) / example.sample_rate, 4),
        "cue": None if example.cue is None else [round(edge, 3) for edge in example.cue],
        "low": low,
        "high": high,
        "sound": data_uri(flac(example.pcm, example.sample_rate), "audio/flac"),
        "truth": {row.task: [round(float(row.rating), 3), int(row.actual)] for row in _first_of_each_task(own)},
        "systems": {
            str(system): {
                str(row["task"]): _prediction(row, example, str(system), run.classes[row["task"]])
                for row in table.to_dict("records")
            }
            for system, table in own.groupby("system", sort=False)
        },
    }


def _first_of_each_task(rows: pd.DataFrame) -> Iterable[Any]:
    return rows.drop_duplicates("task").itertuples()


def _prediction(row: Mapping[Any, Any], example: Example, system: str, classes: Sequence[str]) -> dict[str, Any]:
    weights = example.attention.get(system, {}).get(row["task"])
    return {
        "p": [round(float(row[name]), 4) for name in classes],
        "score": None if pd.isna(row["score"]) else round(float(row["score"]), 3),
        "class": int(row["predicted"]),
        "attention": None if weights is None else _attention(weights),
    }


def _attention(weights: npt.NDArray[np.float32]) -> dict[str, Any]:
    """Return weights as integers 0 ... LEVELS, and `peak`: the largest one as a multiple of uniform."""
    largest = float(weights.max())
    return {
        "levels": [int(level) for level in np.rint(LEVELS * weights / largest)],
        "peak": round(largest * len(weights), 3),
    }
