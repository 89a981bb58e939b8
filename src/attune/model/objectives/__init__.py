"""How a task's last layer is read and trained, by name; one objective per file."""

from attune.errors import AttuneError
from attune.model.objectives.base import Objective
from attune.model.objectives.both import Both
from attune.model.objectives.classes import ClassesOnly
from attune.model.objectives.values import Values

OBJECTIVES: dict[str, type[Objective]] = {"classes": ClassesOnly, "values": Values, "both": Both}


def named(name: str, classes: int) -> Objective:
    """Return the named objective for a task of `classes` classes.

    Raises:
        AttuneError: there is no such objective.
    """
    if name not in OBJECTIVES:
        raise AttuneError(f"no objective is called {name!r}", remedy=f"Choose one of {', '.join(OBJECTIVES)}.")
    return OBJECTIVES[name](classes)
