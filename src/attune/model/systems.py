"""Systems that are networks, by name: the paper's four, the same with other attentions, and one on descriptors.

`mtl-additive` is `mtl-att` with additive attention instead of the paper's; single-task systems likewise.
"""

from dataclasses import dataclass

from attune.errors import AttuneError
from attune.features import kinds
from attune.model.attention import ATTENTIONS
from attune.model.network import Network
from attune.params import TASKS, Task
from attune.signal import CLASSES

JOINT = "joint"
"""The name of a multi-task system's only network; a single-task system's three are named by their task."""


@dataclass(frozen=True)
class System:
    """A named system: how each task's windows become one vector, and its networks with the tasks of each."""

    name: str
    attention: str
    networks: dict[str, tuple[Task, ...]]
    front_end: str = "paper"

    @property
    def features(self) -> str | None:
        """What the networks take instead of the waveform: a kind of `attune.features`."""
        return kinds.OF_SYSTEM.get(self.name)

    def network(self, name: str, *, dropout: float = 0.0) -> Network:
        """One of the system's networks, its parameters still to be loaded or drawn."""
        tasks = dict.fromkeys(self.networks[name], len(CLASSES))
        return Network(tasks, attention=self.attention, dropout=dropout, front_end=self.front_end)

    def build(self, name: str, *, dropout: float, seed: int, zero_output: bool = False) -> Network:
        """The same, freshly initialised."""
        return self.network(name, dropout=dropout).reset(seed, zero_output=zero_output)


_SINGLE: dict[str, tuple[Task, ...]] = {task: (task,) for task in TASKS}
_MULTI: dict[str, tuple[Task, ...]] = {JOINT: TASKS}

_PAPERS = {"last": "", "dot": "-att"}
"""How the paper names its systems with these attentions."""

SYSTEMS = {
    name: System(name, attention, networks)
    for kind, networks in (("stl", _SINGLE), ("mtl", _MULTI))
    for attention in ATTENTIONS
    for name in [kind + _PAPERS.get(attention, f"-{attention}")]
} | {"lld-rnn": System("lld-rnn", "last", _MULTI, front_end="descriptors")}


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
