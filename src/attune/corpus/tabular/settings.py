"""Settings in params.yaml that describe a table: which column means what."""

import math
import re
from itertools import pairwise
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field, ValidationError, model_validator

from attune import tasks as known
from attune.corpus.spelling import same
from attune.errors import AttuneError
from attune.params import Section, readable

Names = Annotated[list[str], Field(min_length=1)]


class Columns(Section):
    """The table's column for each field; only `audio` is required."""

    audio: str = "audio"
    """Path of the recording, relative to ``corpus.root``."""
    utterance: str | None = None
    """An id; by default made from the path."""
    speaker: str | None = None
    session: str | None = None
    """What brings speakers together: a session, a dialog, a show."""
    dialog: str | None = None
    start: str | None = None
    """Seconds into the recording, as for `end`: the utterance is the part between the two."""
    end: str | None = None
    partition: str | None = None
    fold: str | None = None
    corpus: str | None = None
    gender: str | None = None
    scenario: str | None = None
    category: str | None = None
    transcript: str | None = None
    language: str | None = None

    @property
    def mapped(self) -> dict[str, str]:
        """Columns by field, without those not given."""
        return {name: column for name, column in self.model_dump().items() if column is not None}


class Task(Section):
    """A task's column and, for a rated dimension, its scale; for categories, the classes and the words for each."""

    column: str | None = None
    """By default the task's name."""
    scale: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    """Lowest and highest rating; 1 to 5 by default."""
    edges: Annotated[list[float], Field(min_length=1)] | None = None
    """Edges between the classes, each in the outer class; by default a quarter of the scale from either end."""
    classes: list[str] | dict[str, list[str]] | None = None
    """Names; by default low, middle and high. For categories, which have neither scale nor edges, the words that
    stand for each, or just the classes where these are the words."""

    @model_validator(mode="after")
    def _can_be(self) -> "Task":
        knots = self.knots
        if knots and self.scale:
            self.check_scale()
        if knots and len(self.names) != len(knots) - 1:
            raise ValueError(f"{len(knots) - 2} edges part {len(knots) - 1} classes; name as many in classes")
        if len(self.names) < 2 or len(set(self.names)) < len(self.names):
            raise ValueError("classes: at least two, each named once")
        words = [word.lower() for words in self.called.values() for word in words]
        twice = next((word for word in words if words.count(word) > 1), None)
        if twice:
            raise ValueError(f"classes: the word {twice!r} stands for two of them, or twice for one")
        for name in self.names:
            if not _WORD.fullmatch(name) or name in known.RESERVED_CLASSES:
                raise ValueError(
                    f"classes: {name!r} cannot name a class: use letters, digits and _, and no column's name"
                )
        return self

    def check_scale(self) -> None:
        """Check that the edges are on the scale, in order; a scale that is not given here may come from the corpus.

        Raises:
            ValueError: they are not.
        """
        knots = self.knots
        if knots and knots[0] >= knots[-1]:
            raise ValueError(f"a scale from {knots[0]:g} to {knots[-1]:g}: its lowest rating comes first")
        if knots and not all(-math.inf < low < high < math.inf for low, high in pairwise(knots)):
            edges = " and ".join(f"{edge:g}" for edge in knots[1:-1])
            raise ValueError(f"a scale from {knots[0]:g} to {knots[-1]:g} cannot have the class edges {edges}")

    @property
    def knots(self) -> tuple[float, ...] | None:
        """As in `attune.tasks.Task`."""
        if self.classes is not None and self.scale is None and self.edges is None:
            return None
        low, high = self.scale or (1.0, 5.0)
        quarter = (high - low) / 4
        return (low, *(self.edges or (low + quarter, high - quarter)), high)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the classes."""
        if self.classes is None:
            return _NAMED.get(len(self.knots or ()) - 1, ())
        return tuple(self.classes)

    @property
    def words(self) -> dict[str, int]:
        """For categories: the number of the class by each word for it, in lower case."""
        return {same(word.lower()): place for place, words in enumerate(self.called.values()) for word in words}

    @property
    def called(self) -> dict[str, list[str]]:
        """The words for each class."""
        return self.classes if isinstance(self.classes, dict) else {name: [name] for name in self.names}

    def named(self, name: str) -> known.Task:
        """Return the task as all later steps know it."""
        return known.Task(name, self.names, self.knots)


_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")
_NAMED = {2: ("low", "high"), 3: known.CLASSES}


def _usable(tasks: dict[str, Task]) -> dict[str, Task]:
    for name in tasks:
        if not known.NAME.fullmatch(name) or name in known.RESERVED:
            raise ValueError(f"tasks: {name!r} cannot name a task: use letters, digits and _, and no column's name")
    order = known.ordered([task.named(name) for name, task in tasks.items()])
    return {task.name: tasks[task.name] for task in order}


def _scaled(tasks: dict[str, Task]) -> dict[str, Task]:
    for name, task in tasks.items():
        try:
            task.check_scale()
        except ValueError as error:
            raise ValueError(f"tasks.{name}: {error}") from None
    return tasks


def _partitions(named: dict[str, str]) -> dict[str, str]:
    for name, called in named.items():
        if called.lower() not in ("train", "training", "dev", "development", "val", "validation") and not re.fullmatch(
            r"test[A-Za-z0-9._-]*", called, re.IGNORECASE
        ):
            raise ValueError(f"partitions: {name}: {called!r} is not train, development, test or test with a suffix")
    return named


Partitions = Annotated[dict[str, str], AfterValidator(_partitions)]
"""The corpus's names for its partitions: {name in the table: train, development or test...}."""

SomeTasks = Annotated[dict[str, Task], Field(min_length=1), AfterValidator(_usable)]


class Raters(Section):
    """A second table with one row per rating."""

    files: str | Names
    utterance: str
    """The column that names the utterance, by id or by path, as in the first table."""
    rater: str
    own: str | None = None
    """The column that is true, yes, y or 1 where people rate themselves; false, no, n, 0 or empty elsewhere."""


class Table(Section):
    """``corpus.table``."""

    name: Annotated[str, Field(min_length=1)] = "own recordings"
    licence: str = ""
    files: str | Names
    folder: str = ""
    """The folder below ``corpus.root`` that the paths of recordings are relative to."""
    columns: Columns = Columns()
    tasks: Annotated[SomeTasks, AfterValidator(_scaled)] = Field(
        default_factory=lambda: {name: Task() for name in known.TASKS}
    )
    partitions: Partitions = Field(default_factory=dict)
    raters: Raters | None = None


T = TypeVar("T", bound=Section)


def parsed(section: type[T], values: Any, where: str) -> T:
    """Return a kind's own section, parsed from the values in params.yaml under the kind's name.

    Raises:
        AttuneError: the section is empty, or a key is unknown, missing or invalid; the message names it.
    """
    remedy = "docs/own-data.md explains every key."
    if values is None:
        raise AttuneError("is empty", where=where, remedy=remedy)
    try:
        return section.model_validate(values)
    except ValidationError as error:
        raise AttuneError(readable(error), where=where, remedy=remedy) from None
