"""What a task's last layer says and what training holds it to, by name: one module a file."""

from attune.errors import AttuneError
from attune.model.objectives.base import Objective
from attune.model.objectives.both import Both
from attune.model.objectives.classes import ClassesOnly
from attune.model.objectives.values import Values

OBJECTIVES: dict[str, type[Objective]] = {"classes": ClassesOnly, "values": Values, "both": Both}


def named(name: str, classes: int) -> Objective:
    """The objective of that name, for a task of so many classes.

    Raises:
        AttuneError: there is none.
    """
    if name not in OBJECTIVES:
        raise AttuneError(f"no objective is called {name!r}", remedy=f"Choose one of {', '.join(OBJECTIVES)}.")
    return OBJECTIVES[name](classes)
