"""What every corpus comes down to: two tables, and what it says of itself. All that later steps know of a corpus.

A reader repairs nothing: rows say what the corpus says, and validation decides about them.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

import pandas as pd
from pydantic import Field, ValidationError, field_serializer, field_validator

from attune.artifacts import records
from attune.artifacts.door import again
from attune.artifacts.tables import NUMBER
from attune.artifacts.utterances import ABOUT, NOTES, RATINGS, UTTERANCES
from attune.corpus_settings import Corpus as Settings
from attune.errors import AttuneError
from attune.params import Section, readable
from attune.tasks import PAPER, Tasks, as_json, names_of, parse

T = TypeVar("T")
Progress = Callable[[Sequence[T], str], Iterable[T]]
"""Shows how far a loop is: the things to go through, and a word for it."""


class About(Section):
    """What a corpus says of itself beside its tables."""

    kind: str
    """As in params.yaml."""
    name: str
    """For people."""
    licence: str = ""
    """A sentence for the model card."""
    sessions: tuple[int | str, ...] | None = None
    """Those there should be; None where the corpus does not say."""
    speakers_per_session: int | None = None
    """Where it is the same in every session, which no speaker leaves."""
    speakers_known: bool = True
    """Otherwise `speaker` is the session, or each utterance by itself."""
    sessions_known: bool = True
    """Otherwise `session` is the speaker."""
    segments: bool = False
    """Whether an utterance is the part of its audio between `start` and `end`."""
    tasks: Tasks = PAPER
    """What is rated or judged; the tables have ratings from 1 to 5 throughout, and numbers of categories."""
    published: dict[str, float] = Field(default_factory=dict)
    """What its publishers count, by the names of `attune.corpus.inventory`."""
    oddities: tuple[str, ...] = ()
    """What kinds of `Note` its reader may make."""
    audio: Literal["made", "found"] = "found"
    """Whether the audio is among what the step `corpus` writes, or below ``corpus.root``."""
    audio_folder: str = "."
    """Where in there the paths of utterances.parquet start."""

    @field_validator("tasks", mode="before")
    @classmethod
    def _parsed(cls, values: Any) -> Any:
        return parse(values)

    @field_serializer("tasks")
    def _written(self, tasks: Tasks) -> list[Any]:
        return as_json(tasks)


class Note(NamedTuple):
    """Something odd that a reader passed over."""

    note: str
    """What kind of oddity."""
    source: str
    """The file, below `About.audio_folder`."""
    line: int
    text: str


NOTE_TYPES = {"note": "str", "source": "str", "line": "int64", "text": "str"}


def note_table(notes: Sequence[Note]) -> pd.DataFrame:
    """Notes as a table."""
    return pd.DataFrame(notes, columns=list(Note._fields)).astype(NOTE_TYPES)


class Corpus(NamedTuple):
    """A corpus that has been read."""

    utterances: pd.DataFrame
    """One row per `Utterance`, sorted by id."""
    ratings: pd.DataFrame
    """One row per `Rating`, sorted by utterance, kind and rater."""
    about: About
    notes: pd.DataFrame = note_table([])
    """One row per `Note`."""


class Source(NamedTuple):
    """What a reader is given."""

    settings: Settings
    root: Path
    """Where a corpus lies that is not made on the spot."""
    folder: Path
    """Where one that is made writes what it makes."""
    progress: Progress[Any] = lambda things, _: things
    unfinished: Path | None = None
    """Where one that is made keeps what it has made until it is whole, to go on from after a kill."""
    workers: int | None = None
    """Processes that make one; by default as many as are worth it."""


Reader = Callable[[Source], Corpus]
"""Reads one kind of corpus; raises AttuneError where it cannot."""


class Utterance(NamedTuple):
    """A row of utterances.parquet."""

    utterance: str
    dialog: str
    """What was recorded in one go; an utterance's neighbours."""
    session: int | str
    """What speakers meet in, such as a recording session, a dialog or a show."""
    speaker: str
    gender: str
    scenario: str
    start: float = math.nan
    """Seconds in the dialog; as everything below unknown for a recording without a label."""
    end: float = math.nan
    category: str | None = None
    ratings: Mapping[str, float] = {}
    """By task; in the table a column for each of the corpus' tasks, unknown where it is not among these."""
    transcript: str | None = None
    audio: str | None = None
    """Path below `About.audio_folder`; none without a recording."""
    source: str | None = None
    """The label file, likewise."""
    line: int = 0
    """In the label file, counted from 1."""


class Rating(NamedTuple):
    """What one rater says of an utterance: the rated dimensions, or a category."""

    utterance: str
    rater: str
    kind: str
    """``dimensional`` or ``categorical``."""
    self_report: bool
    """Whether the rater is the speaker or an actor of the dialog, who does not count in the mean."""
    ratings: Mapping[str, float]
    """Likewise."""
    category: str | None
    comment: str | None


def write(corpus: Corpus, folder: Path) -> None:
    """Write the tables and what the corpus says of itself."""
    rated = dict.fromkeys(names_of(corpus.about.tasks), NUMBER)
    UTTERANCES.having(rated).write(folder, corpus.utterances)
    RATINGS.having(rated).write(folder, corpus.ratings)
    NOTES.write(folder, corpus.notes)
    write_about(corpus.about, folder)


def write_about(about: About, folder: Path) -> None:
    """Write what a corpus says of itself."""
    records.write(folder / ABOUT, about.model_dump(mode="json"))


def read_about(folder: Path) -> About:
    """What the corpus in `folder` says of itself.

    Raises:
        AttuneError: no such file, or one that says something else.
    """
    path = folder / ABOUT
    text = json.dumps(records.read(path, "corpus"))
    try:
        return About.model_validate_json(text)
    except ValidationError as error:
        raise AttuneError(readable(error), where=path, remedy=again("corpus")) from None
