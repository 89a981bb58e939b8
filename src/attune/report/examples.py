"""Which utterances the page lets people look at and listen to: instructive ones, the same ones every time."""

from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any

import pandas as pd

from attune.numbers import fixed, percentage
from attune.params import TASKS
from attune.signal import CLASSES

LONGEST = 10.0
"""Seconds; longer utterances are passed over: a dozen of ten seconds stay below 6 MB whatever is in them."""

Candidate = tuple[str, str]
"""An utterance and the reason to show it."""


def choose(tested: pd.DataFrame, peakedness: pd.DataFrame, seconds: "pd.Series[float]", number: int) -> dict[str, str]:
    """Pick utterances for each task in turn: surest right, surest wrong, sharpest and flattest attention.

    Args:
        tested: one system's test rows: utterance, task, low, middle, high (probabilities), predicted, actual.
        peakedness: utterance, task, entropy (normalised, 0 to 1) of the same system; empty without attention.
        seconds: duration by utterance.
        number: how many to pick at most.

    Returns:
        Reason by utterance, in the order picked. Nothing is picked twice; ties go by utterance.
    """
    own = seconds[seconds.index.isin(tested["utterance"])]
    allowed = set(own.index[own <= LONGEST]) or set(own.index)
    queues = [kind(rows[rows["utterance"].isin(allowed)]) for kind, rows in _kinds(tested, peakedness)]
    picked: dict[str, str] = {}
    while queues and len(picked) < number:
        for queue in list(queues):
            found = next((candidate for candidate in queue if candidate[0] not in picked), None)
            if found is None:
                queues.remove(queue)
            elif len(picked) < number:
                picked[found[0]] = found[1]
    return picked


Kind = Callable[[pd.DataFrame], Iterator[Candidate]]


def _kinds(tested: pd.DataFrame, peakedness: pd.DataFrame) -> Iterator[tuple[Kind, pd.DataFrame]]:
    """Every kind of example beside the rows it is picked from, task by task within a kind."""
    for kind, table in ((_right, tested), (_wrong, tested), (_sharp, peakedness), (_flat, peakedness)):
        for task in TASKS:
            rows = table[table["task"] == task] if len(table) else table
            if len(rows):
                yield kind, rows.assign(task=task)


def _right(rows: pd.DataFrame) -> Iterator[Candidate]:
    """Surest first, classes in turn (high, low, middle), as the middle class is the easy one to be sure of."""
    right = _surest(rows[rows["predicted"] == rows["actual"]])
    by_class = [_records(right[right["actual"] == one]) for one in (2, 0, 1)]
    for turn in zip_longest(*by_class):
        for row in filter(None, turn):
            yield row["utterance"], f"Right about {row['task']}: {_says(row['predicted'], row['sure'])}"


def _wrong(rows: pd.DataFrame) -> Iterator[Candidate]:
    for row in _records(_surest(rows[rows["predicted"] != rows["actual"]])):
        said = _says(row["predicted"], row["sure"])
        yield row["utterance"], f"Wrong about {row['task']}: {said}, rated {CLASSES[row['actual']]}"


def _sharp(rows: pd.DataFrame) -> Iterator[Candidate]:
    for row in _records(rows.sort_values(["entropy", "utterance"])):
        yield row["utterance"], f"Attention for {row['task']} is focused: entropy {_entropy(row['entropy'])}"


def _flat(rows: pd.DataFrame) -> Iterator[Candidate]:
    for row in _records(rows.sort_values(["entropy", "utterance"], ascending=[False, True])):
        yield row["utterance"], f"Attention for {row['task']} is spread out: entropy {_entropy(row['entropy'])}"


def _surest(rows: pd.DataFrame) -> pd.DataFrame:
    sure = rows[list(CLASSES)].max(axis=1)
    return rows.assign(sure=sure).sort_values(["sure", "utterance"], ascending=[False, True])


def _records(rows: pd.DataFrame) -> list[dict[Any, Any]]:
    return rows.to_dict("records")


def _says(predicted: int, probability: float) -> str:
    return f"predicted {CLASSES[predicted]}, probability {percentage(probability, 0)}"


def _entropy(value: float) -> str:
    return f"{fixed(value, 2)} of 1"
