"""Output of `attune evaluate` beside metrics.json: predictions with the truth, tables of scores, confusions."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from attune.artifacts import records
from attune.artifacts.door import reading
from attune.artifacts.predictions import PREDICTIONS
from attune.artifacts.predictions import table as predicted
from attune.artifacts.tables import EITHER, NUMBER, SMALL, TEXT, Rows, Table
from attune.artifacts.text_tables import TextTable
from attune.findings import Finding, from_json, to_json
from attune.tasks import PAPER, Tasks, parse, to_text

_STEP = "evaluate"
_WHO = {"dialog": TEXT, "session": EITHER, "speaker": TEXT, "gender": TEXT, "scenario": TEXT}
_NUMBERS = ("value", "low", "high", "n")
_SCORE = ("score", *_NUMBERS)

TESTED = Table("predictions.parquet", _STEP, {**PREDICTIONS.columns, **_WHO, "rating": NUMBER, "actual": SMALL})
"""All predictions with the truth and the speaker; ratings on the corpus's own scale. In addition, as in PREDICTIONS, a
column per class."""

_TASKS = "attune.tasks"

SCORES = TextTable("scores.csv", _STEP, ("system", "partition", "task", *_SCORE, "absent"))
GROUPS = TextTable("groups.csv", _STEP, ("system", "task", "grouping", "group", *_SCORE), _NUMBERS)
PUBLISHED = TextTable(
    "published.csv", _STEP, ("system", "name", "partition", "task", "uar", "significant_in_paper"), ("uar",)
)

_OVER = ("over_value", "over_low", "over_high", "over_p", "over_p_holm")
_OF = ("system", "task")
CALIBRATION = TextTable("calibration.csv", _STEP, (*_OF, "predictions", *_SCORE, "expected", "p", "p_holm"))
_BIN = ("bin", "n", "confidence", "accuracy", "low", "high")
RELIABILITY = TextTable("reliability.csv", _STEP, (*_OF, "predictions", *_BIN), _BIN)
TEMPERATURES = TextTable("temperatures.csv", _STEP, (*_OF, "fold", "temperature", "n"))
CEILING = TextTable("ceiling.csv", _STEP, (*_OF, *_SCORE, "raters"), _NUMBERS)
SESSIONS = TextTable(
    "sessions.csv",
    _STEP,
    (
        *(*_OF, "score", "pooled", "mean", "n", "folds", *_OVER),
        *("lowest", "lowest_fold", "highest", "highest_fold"),
        *("rating_lowest", "rating_highest", "score_lowest", "score_highest"),
    ),
)
EXTREMES = TextTable(
    "extremes.csv", _STEP, (*_OF, "end", "speaker", "value", "n", "expected", "low", "high", "p", "p_holm", "speakers")
)
REGRESSION = TextTable("regression.csv", _STEP, (*_OF, "expected", "regression", *_OVER, "n"))
LEARNING = TextTable(
    "learning.csv", _STEP, (*_OF, "share", "training", *_SCORE, *_OVER), ("share", "training", *_NUMBERS)
)
DEEPER = (CALIBRATION, RELIABILITY, TEMPERATURES, CEILING, SESSIONS, EXTREMES, REGRESSION, LEARNING)
"""In-depth scores (docs/evaluation.md), in the order of `attune.evaluation.depth.tables.Depth`."""

Confusions = Mapping[str, Mapping[str, Sequence[Sequence[int]]]]
"""system -> task -> counts (classes, classes); rows are the truth."""

_CONFUSION, _HEADLINE, _FINDINGS = "confusion.json", "headline.json", "findings.json"


@contextmanager
def writing_tested(folder: Path, tasks: Tasks, like: pd.DataFrame) -> Iterator[Rows]:
    """Write the predictions with the truth piece by piece, and their tasks in the table's schema.

    Args:
        like: a table whose sessions have the type to write.
    """
    notes = {} if tasks == PAPER else {_TASKS: to_text(tasks)}
    form = Table(TESTED.file, _STEP, {**predicted(tasks).columns, **TESTED.columns})
    with form.writing(folder, like, notes) as rows:
        yield rows


def read_tested_tasks(folder: Path) -> Tasks:
    """Read the tasks of the predictions with the truth.

    Raises:
        AttuneError: the table is missing or has changed.
    """
    noted = TESTED.notes(folder).get(_TASKS)
    return PAPER if noted is None else parse(json.loads(noted))


def write_confusions(folder: Path, counts: Confusions) -> None:
    """Write confusion.json into an existing folder."""
    records.write(folder / _CONFUSION, counts)


def write_headline(folder: Path, scores: Mapping[str, object]) -> None:
    """Write headline.json, which `dvc metrics` shows, into an existing folder."""
    records.write(folder / _HEADLINE, scores)


def write_findings(folder: Path, found: Sequence[Finding]) -> None:
    """Write findings.json into an existing folder."""
    records.write(folder / _FINDINGS, {"findings": to_json(found)})


def read_findings(folder: Path) -> list[Finding]:
    """Read the findings of the in-depth scores.

    Raises:
        AttuneError: the file is missing, has changed, or has no findings of this form.
    """
    path = folder / _FINDINGS
    values = records.read(path, _STEP)
    with reading(path, _STEP):
        return from_json(values["findings"])


def read_confusions(folder: Path) -> Confusions:
    """Read the counts of every system and task.

    Raises:
        AttuneError: the file is missing or has changed.
    """
    path = folder / _CONFUSION
    values = records.read(path, _STEP)
    with reading(path, _STEP):
        return {
            system: {task: [[int(count) for count in row] for row in rows] for task, rows in own.items()}
            for system, own in values.items()
        }


def write_pairs(folder: Path, system: str, task: str, names: pd.DataFrame) -> None:
    """Write `actual` and `predicted` class names for the confusion matrices of `dvc plots`; no step reads them."""
    (folder / "confusion").mkdir(exist_ok=True)
    names.to_csv(folder / "confusion" / f"{system}-{task}.csv", index=False)
