"""A corpus's tasks as far as params.yaml describes them, without reading the corpus."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from attune.corpus.tabular.settings import SomeTasks, parsed
from attune.errors import AttuneError
from attune.params import Section, readable
from attune.settings.corpus import Corpus
from attune.tasks import PAPER, Task, Tasks, names_of


class _Tasks(Section):
    """The part of a kind's section that describes tasks."""

    tasks: SomeTasks


def described(settings: Corpus) -> Tasks:
    """Return the tasks that the kind's section names, else the paper's; of several corpora, the common ones.

    Raises:
        AttuneError: invalid tasks, or corpora without a task in common.
    """
    own: Any = settings.own
    corpora = own.get("corpora") if settings.kind == "several" and isinstance(own, dict) else None
    if isinstance(corpora, dict) and corpora:
        return common([described(_one(name, values)) for name, values in corpora.items()])
    if not isinstance(own, dict) or not isinstance(own.get("tasks"), dict):
        return PAPER
    found = parsed(_Tasks, {"tasks": own["tasks"]}, f"corpus.{settings.kind}")
    return tuple(task.named(name) for name, task in found.tasks.items())


def common(tasks: Sequence[Tasks]) -> Tasks:
    """Return the tasks that all corpora have with the same classes; on a scale of 1 to 5 where their scales differ.

    Raises:
        AttuneError: there is none.
    """
    first, *others = tasks
    found = []
    for task in first:
        same = [other for own in others for other in own if other.name == task.name and other.rated == task.rated]
        if len(same) == len(others) and all(other.classes == task.classes for other in same):
            alike = all(other == task for other in same)
            found.append(task if alike else Task(task.name, task.classes, task.knots_inside))
    if not found:
        raise AttuneError(
            "the corpora have no task in common",
            where="corpus.several",
            remedy="They have " + "; ".join(", ".join(names_of(own)) for own in tasks) + ".",
        )
    return tuple(found)


def _one(name: str, values: Any) -> Corpus:
    try:
        return Corpus.model_validate(values)
    except ValidationError as error:
        raise AttuneError(readable(error), where=f"corpus.several.corpora.{name}") from None
