"""The tasks of a corpus as far as params.yaml says, without reading it."""

from typing import Any

from attune.corpus.tabular.settings import SomeTasks, parsed
from attune.params import Corpus, Section
from attune.tasks import PAPER, Tasks


class _Tasks(Section):
    """What describes tasks among whatever else a kind's section has."""

    tasks: SomeTasks


def described(settings: Corpus) -> Tasks:
    """Those that the section of the kind names; the paper's where it names none.

    Raises:
        AttuneError: tasks that are described wrongly.
    """
    own: Any = settings.own
    if not isinstance(own, dict) or not isinstance(own.get("tasks"), dict):
        return PAPER
    found = parsed(_Tasks, {"tasks": own["tasks"]}, f"corpus.{settings.kind}")
    return tuple(task.named(name) for name, task in found.tasks.items())
