"""Choose the utterances to look at and listen to on the page: every kind of prediction, deterministically."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from attune.numbers import fixed, percentage
from attune.report.contents import spoken

LONGEST = 10.0
"""Seconds; longer utterances are skipped."""

TOGETHER = 12 * LONGEST
"""Total seconds of the chosen utterances: below 6 MB of the page whatever they contain."""

MOST = 1000
"""How many utterances with the most focused and the most spread-out attention are considered."""

Classes = Mapping[str, Sequence[str]]
Candidate = tuple[str, str]
"""An utterance and the reason to show it."""

Cell = tuple[str, int, int]
"""A cell of a confusion matrix: task, rated class, predicted class."""


def choose(
    tested: pd.DataFrame, peakedness: pd.DataFrame, seconds: "pd.Series[float]", number: int, classes: Classes
) -> dict[str, str]:
    """Pick utterances for each task in turn: the most confident of each confusion matrix cell, then by attention.

    Args:
        tested: one system's test rows: utterance, task, probabilities (a column per class), predicted, actual.
        peakedness: utterance, task, entropy (normalised, 0 to 1) of the same system; empty without attention.
        seconds: duration by utterance.
        number: how many to pick at most.
        classes: class names by task.

    Returns:
        Reason by utterance, in the order picked. Nothing is picked twice; ties are broken by utterance.
    """
    own = seconds[seconds.index.isin(tested["utterance"])]
    allowed = set(own.index[own <= LONGEST]) or set(own.index)
    answers = _surest(tested[tested["utterance"].isin(allowed)], classes)
    focus = peakedness[peakedness["utterance"].isin(allowed)].sort_values(["entropy", "utterance"])
    picked = _Picked(answers, own)
    for_attention = min(2 * focus["task"].nunique(), number // 2)
    picked.take(_new_cells(answers, classes, picked), number - for_attention)
    picked.take(_by_attention(focus, list(classes)), number)
    picked.take((_candidate(row, classes) for row in _records(answers)), number)
    return picked.reasons


class _Picked:
    """The utterances picked, and the cells they show."""

    def __init__(self, answers: pd.DataFrame, seconds: "pd.Series[float]") -> None:
        self.reasons: dict[str, str] = {}
        self.shown: set[Cell] = set()
        self._seconds, self._left = seconds, max(TOGETHER, float(seconds.min())) if len(seconds) else 0.0
        self._cells: dict[str, list[Cell]] = {}
        for row in _records(answers):
            self._cells.setdefault(row["utterance"], []).append(_cell(row))

    def take(self, candidates: Iterable[Candidate], until: int) -> None:
        """Add candidates that are new and not too long, one by one, until there are `until` in total."""
        for utterance, reason in candidates:
            if len(self.reasons) >= until:
                return
            length = float(self._seconds[utterance])
            if utterance not in self.reasons and length <= self._left:
                self.reasons[utterance] = reason
                self.shown.update(self._cells.get(utterance, ()))
                self._left -= length


def _new_cells(answers: pd.DataFrame, classes: Classes, picked: _Picked) -> Iterator[Candidate]:
    """Yield the most confident of each cell not shown yet: task by task, right and wrong in turn."""
    first = {_cell(row): row for row in _records(answers[::-1])}
    right = {task: [(task, one, one) for one in _extremes_first(len(names))] for task, names in classes.items()}
    cells = dict.fromkeys(_cell(row) for row in _records(answers))
    wrong = {task: [cell for cell in cells if cell[0] == task and cell[1] != cell[2]] for task in classes}
    while True:
        found = False
        for kind, other in ((right, wrong), (wrong, right)):
            for task in classes:
                cell = next((c for c in (*kind[task], *other[task]) if c in first and c not in picked.shown), None)
                if cell is not None:
                    found = True
                    yield _candidate(first[cell], classes)
                    picked.shown.add(cell)  # also where its utterance was too long to be picked
        if not found:
            return


def _extremes_first(number: int) -> list[int]:
    """Order classes with the extremes first, since the middle is the easiest: 2, 0, 1 of three classes."""
    return sorted(range(number), key=lambda one: (-abs(one - (number - 1) / 2), -one))


def _by_attention(focus: pd.DataFrame, tasks: Sequence[str]) -> Iterator[Candidate]:
    """Yield the most focused and the most spread-out attention for each task in turn."""
    flattest = focus.sort_values(["entropy", "utterance"], ascending=[False, True])
    kinds = ((focus, "is among the most focused"), (flattest, "is among the most spread out"))
    queues = [
        [
            (row["utterance"], f"Attention for {spoken(row['task'])} {how}: entropy {fixed(row['entropy'], 2)} of 1")
            for row in _records(table[table["task"] == task].head(MOST))
        ]
        for table, how in kinds
        for task in tasks
    ]
    used: set[str] = set()
    for _ in range(max(map(len, queues), default=0)):
        for queue in queues:
            found = next((candidate for candidate in queue if candidate[0] not in used), None)
            if found:
                used.add(found[0])
                yield found


def _candidate(row: Mapping[str, Any], classes: Classes) -> Candidate:
    names = classes[row["task"]]
    said = f"predicted {names[row['predicted']]}, probability {percentage(row['sure'], 0)}"
    if row["predicted"] == row["actual"]:
        return row["utterance"], f"Right about {spoken(row['task'])}: {said}"
    return row["utterance"], f"Wrong about {spoken(row['task'])}: {said}, rated {names[row['actual']]}"


def _surest(rows: pd.DataFrame, classes: Classes) -> pd.DataFrame:
    columns = list(dict.fromkeys(name for names in classes.values() for name in names))
    sure = rows[columns].max(axis=1)
    return rows.assign(sure=sure).sort_values(["sure", "utterance"], ascending=[False, True], kind="stable")


def _cell(row: Mapping[str, Any]) -> Cell:
    return str(row["task"]), int(row["actual"]), int(row["predicted"])


def _records(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield row by row: all rows at once as dicts would take many times the memory of the table."""
    names = [str(name) for name in rows]
    for values in zip(*(rows[name] for name in names), strict=True):
        yield dict(zip(names, values, strict=True))
