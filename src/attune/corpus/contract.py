"""The form in which later steps see any corpus: two tables and some metadata.

Readers repair nothing: rows contain what the corpus contains, and validation judges them.
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
from attune.errors import AttuneError
from attune.params import Section, readable
from attune.settings.corpus import Corpus as Settings
from attune.tasks import PAPER, Tasks, as_json, names_of, parse

T = TypeVar("T")
Progress = Callable[[Sequence[T], str], Iterable[T]]
"""Wraps an iteration to show its progress: takes the items and a word for what is done with them."""


class About(Section):
    """A corpus's metadata, beside its tables."""

    kind: str
    """As in params.yaml."""
    name: str
    """Shown to people."""
    licence: str = ""
    """A sentence for the model card."""
    sessions: tuple[int | str, ...] | None = None
    """The expected sessions; None where the corpus does not specify them."""
    speakers_per_session: int | None = None
    """Set where it is the same in every session and no speaker is in two sessions."""
    speakers_known: bool = True
    """If false, each utterance is by a speaker of its own."""
    sessions_known: bool = True
    """If false, `session` is the speaker."""
    segments: bool = False
    """Whether an utterance is only the part of its audio file between `start` and `end`."""
    tasks: Tasks = PAPER
    """What is rated or classified; in the tables, ratings are always from 1 to 5 and categories are numbers."""
    published: dict[str, float] = Field(default_factory=dict)
    """Published counts, under the names that `attune.corpus.inventory` uses."""
    oddities: tuple[str, ...] = ()
    """The kinds of `Note` that its reader may make."""
    audio: Literal["made", "found"] = "found"
    """Whether the step `corpus` writes the audio (made), or it is below ``corpus.root`` (found)."""
    audio_folder: str = "."
    """The folder in there to which the paths in utterances.parquet are relative."""

    @field_validator("tasks", mode="before")
    @classmethod
    def _parsed(cls, values: Any) -> Any:
        return parse(values)

    @field_serializer("tasks")
    def _written(self, tasks: Tasks) -> list[Any]:
        return as_json(tasks)


class Note(NamedTuple):
    """Something odd that a reader skipped."""

    note: str
    """The kind of oddity."""
    source: str
    """The file's path below `About.audio_folder`."""
    line: int
    text: str


NOTE_TYPES = {"note": "str", "source": "str", "line": "int64", "text": "str"}


def note_table(notes: Sequence[Note]) -> pd.DataFrame:
    """Return notes as a table."""
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
    """A reader's input."""

    settings: Settings
    root: Path
    """The corpus's folder, unless the corpus is synthesised."""
    folder: Path
    """The output folder of a synthesised corpus."""
    progress: Progress[Any] = lambda things, _: things
    unfinished: Path | None = None
    """Where a synthesised corpus is kept until it is complete, so that an interrupted run can resume."""
    workers: int | None = None
    """Processes that synthesise it; by default as many as are worthwhile."""


Reader = Callable[[Source], Corpus]
"""Reads one kind of corpus; raises AttuneError if it cannot."""


class Utterance(NamedTuple):
    """A row of utterances.parquet."""

    utterance: str
    dialog: str
    """A continuous recording: groups an utterance with its neighbours."""
    session: int | str
    """What brings speakers together, such as a recording session, a dialog or a show."""
    speaker: str
    gender: str
    scenario: str
    start: float = math.nan
    """Seconds in the dialog; like everything below, unknown for a recording without a label."""
    end: float = math.nan
    category: str | None = None
    ratings: Mapping[str, float] = {}
    """By task; the table has a column for each of the corpus's tasks, NaN for those missing here."""
    transcript: str | None = None
    audio: str | None = None
    """Path below `About.audio_folder`; None without a recording."""
    source: str | None = None
    """Path of the label file, also below `About.audio_folder`."""
    line: int = 0
    """Line in the label file, counted from 1."""


class Rating(NamedTuple):
    """One rater's judgement of an utterance: the rated dimensions, or a category."""

    utterance: str
    rater: str
    kind: str
    """``dimensional`` or ``categorical``."""
    self_report: bool
    """Whether the rater is the speaker or an actor of the dialog; such ratings are left out of the mean."""
    ratings: Mapping[str, float]
    """By task, as in `Utterance`."""
    category: str | None
    comment: str | None


def write(corpus: Corpus, folder: Path) -> None:
    """Write the tables and the metadata."""
    rated = dict.fromkeys(names_of(corpus.about.tasks), NUMBER)
    UTTERANCES.having(rated).write(folder, corpus.utterances)
    RATINGS.having(rated).write(folder, corpus.ratings)
    NOTES.write(folder, corpus.notes)
    write_about(corpus.about, folder)


def write_about(about: About, folder: Path) -> None:
    """Write a corpus's metadata."""
    records.write(folder / ABOUT, about.model_dump(mode="json"))


def read_about(folder: Path) -> About:
    """Read the metadata of the corpus in `folder`.

    Raises:
        AttuneError: the file is missing or invalid.
    """
    path = folder / ABOUT
    text = json.dumps(records.read(path, "corpus"))
    try:
        return About.model_validate_json(text)
    except ValidationError as error:
        raise AttuneError(readable(error), where=path, remedy=again("corpus")) from None
