"""The paper's four end-to-end systems, by name."""

from dataclasses import dataclass

from attune.errors import AttuneError
from attune.model.initial import initialise
from attune.model.network import Network
from attune.params import TASKS, Task

JOINT = "joint"
"""The name of a multi-task system's only network; a single-task system's three are named by their task."""


@dataclass(frozen=True)
class System:
    """A named system: whether it attends, and its networks with the tasks of each."""

    name: str
    attention: bool
    networks: dict[str, tuple[Task, ...]]

    def build(self, network: str, *, dropout: float, seed: int) -> Network:
        """A freshly initialised network of this system."""
        return initialise(Network(self.networks[network], attention=self.attention, dropout=dropout), seed)


_SINGLE: dict[str, tuple[Task, ...]] = {task: (task,) for task in TASKS}
_MULTI: dict[str, tuple[Task, ...]] = {JOINT: TASKS}

SYSTEMS = {
    system.name: system
    for system in (
        System("stl", False, _SINGLE),
        System("stl-att", True, _SINGLE),
        System("mtl", False, _MULTI),
        System("mtl-att", True, _MULTI),
    )
}


def named(name: str) -> System:
    """The system of that name.

    Raises:
        AttuneError: there is none.
    """
    if name not in SYSTEMS:
        raise AttuneError(
            f"no system is called {name!r}", where="--system", remedy=f"The systems are {', '.join(SYSTEMS)}."
        )
    return SYSTEMS[name]
