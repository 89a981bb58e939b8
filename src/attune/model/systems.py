"""Systems that are networks, by name: the paper's four, the same with other attentions, and one on descriptors.

`mtl-additive` is `mtl-att` with additive attention instead of the paper's; single-task systems are named the same way.
"""

from dataclasses import dataclass, replace

from attune.errors import AttuneError
from attune.features import kinds
from attune.model.attention import ATTENTIONS
from attune.model.form import PAPERS, Form
from attune.model.network import Network
from attune.tasks import PAPER, Tasks, names_of

JOINT = "joint"
"""The name of a multi-task system's only network; those of a single-task system are named after their task."""


@dataclass(frozen=True)
class System:
    """A named system: its attention, form and tasks, and whether they share one network."""

    name: str
    attention: str
    multi_task: bool
    form: Form = PAPERS
    tasks: Tasks = PAPER

    @property
    def networks(self) -> dict[str, tuple[str, ...]]:
        """The tasks of each network."""
        names = names_of(self.tasks)
        return {JOINT: tuple(names)} if self.multi_task else {name: (name,) for name in names}

    @property
    def features(self) -> str | None:
        """The kind of `attune.features` that the networks take instead of the waveform, if any."""
        return kinds.OF_SYSTEM.get(self.name)

    def network(self, name: str, *, dropout: float = 0.0) -> Network:
        """Return one of the system's networks, its parameters still to be loaded or drawn."""
        own = self.networks[name]
        tasks = {task.name: len(task.classes) for task in self.tasks if task.name in own}
        return Network(tasks, attention=self.attention, dropout=dropout, form=self.form)

    def build(self, name: str, *, dropout: float, seed: int, zero_output: bool = False) -> Network:
        """Return one of the system's networks, freshly initialised."""
        return self.network(name, dropout=dropout).reset(seed, zero_output=zero_output)


_PAPERS = {"last": "", "dot": "-att"}
"""The paper's suffixes for systems with these attentions."""

SYSTEMS = {
    name: System(name, attention, multi_task)
    for kind, multi_task in (("stl", False), ("mtl", True))
    for attention in ATTENTIONS
    for name in [kind + _PAPERS.get(attention, f"-{attention}")]
} | {"lld-rnn": System("lld-rnn", "last", True, form=Form("descriptors"))}


def named(name: str, tasks: Tasks = PAPER, form: Form = PAPERS) -> System:
    """Return the named system for these tasks and form; a system on features keeps its own front end.

    Raises:
        AttuneError: there is no such system, or it is not trained.
    """
    if name == kinds.IMPORTED:
        raise AttuneError("is not trained", where=name, remedy="`attune import FOLDER` registers a published model.")
    if name not in SYSTEMS:
        all_names = ", ".join(dict.fromkeys([*SYSTEMS, *kinds.OF_SYSTEM]))
        raise AttuneError(f"no system is called {name!r}", remedy=f"The systems are {all_names}.")
    known = SYSTEMS[name]
    front_end = known.form.front_end if known.features else form.front_end
    return replace(known, tasks=tasks, form=form._replace(front_end=front_end))
