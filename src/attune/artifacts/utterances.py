"""Output of the steps `corpus` and `validate`: utterances, their ratings, and where each carries its emotion."""

import json
from pathlib import Path

import pandas as pd

from attune.artifacts.tables import EITHER, FLAG, NUMBER, TEXT, WHOLE, Table
from attune.tasks import PAPER, TASKS, Tasks, names_of, parse, to_text

_FELT = dict.fromkeys(TASKS, NUMBER)
_UTTERANCE = {
    **{"utterance": TEXT, "dialog": TEXT, "session": EITHER, "speaker": TEXT, "gender": TEXT, "scenario": TEXT},
    **{
        "start": NUMBER,
        "end": NUMBER,
        "category": TEXT,
        "transcript": TEXT,
        "audio": TEXT,
        "source": TEXT,
        "line": WHOLE,
    },
}
_MEASURED = {"frames": WHOLE, "sample_rate": WHOLE, "channels": WHOLE, "duration": NUMBER}

UTTERANCES = Table("utterances.parquet", "corpus", _UTTERANCE)
"""One row per utterance of the corpus, even a faulty one; in addition, a column for each of the corpus's tasks."""

ACCEPTED = Table(
    *("utterances.parquet", "validate", _UTTERANCE | _MEASURED),
    filled=("utterance", "dialog", "speaker", "audio", "duration"),
    key="utterance",
)
"""The utterances that validation accepts, with measurements of their audio."""

RATINGS = Table(
    "ratings.parquet",
    "corpus",
    {
        "utterance": TEXT,
        "rater": TEXT,
        "kind": TEXT,
        "self_report": FLAG,
        "category": TEXT,
        "comment": TEXT,
    },
)
"""One row per rating of an utterance by a rater; in addition, a column for each of the corpus's tasks."""

NOTES = Table("notes.parquet", "corpus", {"note": TEXT, "source": TEXT, "line": WHOLE, "text": TEXT})
"""One row per oddity that a reader skipped."""

RECORDINGS = Table("recordings.parquet", "corpus", {"audio": TEXT, "bytes": WHOLE, "sha256": TEXT})
"""One row per recording below ``corpus.root``, as it was when the corpus was read."""

_CUE = {"utterance": TEXT, "start": NUMBER, "end": NUMBER, **_FELT}
CUES = Table("cues.parquet", "corpus", _CUE, filled=tuple(_CUE), key="utterance")
"""For a synthetic corpus: which seconds of an utterance carry its emotion, and the latent ratings."""

_TASKS = "attune.tasks"


def write_accepted(folder: Path, table: pd.DataFrame, tasks: Tasks) -> None:
    """Write the accepted utterances, and the tasks that they are rated for in the table's schema.

    Raises:
        AttuneError: a column is missing or has the wrong type.
    """
    notes = {} if tasks == PAPER else {_TASKS: to_text(tasks)}
    ACCEPTED.having(dict.fromkeys(names_of(tasks), NUMBER)).write(folder, table, notes)


def read_tasks(validated: Path) -> Tasks:
    """Read the tasks that the accepted utterances are rated for.

    Raises:
        AttuneError: the table is missing or has changed.
    """
    noted = ACCEPTED.notes(validated).get(_TASKS)
    return PAPER if noted is None else parse(json.loads(noted))


def read_accepted(validated: Path, *columns: str) -> pd.DataFrame:
    """Read these columns of the accepted utterances, and the ratings for each of their tasks.

    Raises:
        AttuneError: the table is missing, has changed, or lacks a column.
    """
    tasks = names_of(read_tasks(validated))
    form = ACCEPTED.having(dict.fromkeys(tasks, NUMBER), filled=tasks)
    return form.read(validated, *dict.fromkeys((*columns, *tasks)))


ABOUT = "corpus.json"
"""A corpus's metadata; `attune.corpus.contract` defines its content."""

Spans = dict[str, tuple[float, float]]
"""Start and end in seconds, by utterance."""


def is_synthetic(corpus: Path) -> bool:
    """Return whether the corpus is synthetic: only then are its cues known."""
    return CUES.path(corpus).exists()


def spans(corpus: Path) -> Spans | None:
    """Return where each utterance carries its emotion; None where that is unknown.

    Raises:
        AttuneError: the table of cues cannot be read.
    """
    if not is_synthetic(corpus):
        return None
    table = CUES.read(corpus, "utterance", "start", "end")
    return dict(zip(table["utterance"], zip(table["start"], table["end"], strict=True), strict=True))
