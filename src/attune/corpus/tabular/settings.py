"""What params.yaml says of a table: which column is what."""

from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field, ValidationError

from attune.corpus.scales import Scale
from attune.errors import AttuneError
from attune.params import TASKS, Section, readable

Names = Annotated[list[str], Field(min_length=1)]


class Columns(Section):
    """The table's column for each thing it may say; only `audio` must be there."""

    audio: str = "audio"
    """Path of the recording, from ``corpus.root``."""
    utterance: str | None = None
    """An id; by default made from the path."""
    speaker: str | None = None
    session: str | None = None
    """What speakers meet in: a session, a dialog, a show."""
    dialog: str | None = None
    start: str | None = None
    """Seconds into the recording, as `end`: the utterance is that part of it."""
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
        """Column by what it says."""
        return {name: column for name, column in self.model_dump().items() if column is not None}


class Task(Scale):
    """A rated dimension: its column and its scale."""

    column: str | None = None
    """By default the dimension's name."""


def _all_three(tasks: dict[str, Task]) -> dict[str, Task]:
    if sorted(tasks) != sorted(TASKS):
        raise ValueError(f"tasks: the networks learn {', '.join(TASKS)}, not {', '.join(tasks) or 'nothing'}")
    return {task: tasks[task] for task in TASKS}


ThreeTasks = Annotated[dict[str, Task], AfterValidator(_all_three)]


class Raters(Section):
    """A second table with one row per rating."""

    files: str | Names
    utterance: str
    """The column that names the utterance as the first table does, by id or by path."""
    rater: str
    own: str | None = None
    """The column that is true, yes or 1 where people rate themselves."""


class Table(Section):
    """``corpus.table``."""

    name: Annotated[str, Field(min_length=1)] = "own recordings"
    licence: str = ""
    files: str | Names
    folder: str = ""
    """Where the paths of recordings start, below ``corpus.root``."""
    columns: Columns = Columns()
    tasks: ThreeTasks = Field(default_factory=lambda: {str(task): Task() for task in TASKS})
    partitions: dict[str, str] = Field(default_factory=dict)
    """What the corpus calls its partitions: {name in the table: train, development or test...}."""
    raters: Raters | None = None


T = TypeVar("T", bound=Section)


def parsed(section: type[T], values: Any, where: str) -> T:
    """A section of its kind's own, from what params.yaml holds under the kind's name.

    Raises:
        AttuneError: names the key that is unknown, missing or of another type.
    """
    remedy = "docs/own-data.md explains every key."
    if values is None:
        raise AttuneError("is empty", where=where, remedy=remedy)
    try:
        return section.model_validate(values)
    except ValidationError as error:
        raise AttuneError(readable(error), where=where, remedy=remedy) from None
