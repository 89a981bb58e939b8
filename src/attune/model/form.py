"""The parts of a network other than its attention: the paper's form, and named alternatives."""

from typing import NamedTuple

from attune.settings.train import Train


class Form(NamedTuple):
    """A front end of `attune.model.front_ends`, the GRUs' direction, and an objective of `attune.model.objectives`."""

    front_end: str = "paper"
    direction: str = "forward"
    objective: str = "classes"

    @property
    def bidirectional(self) -> bool:
        return self.direction == "bidirectional"

    def told(self) -> dict[str, object]:
        """Return the entries of model.json: only where the form differs from the paper's."""
        return {name: value for name, value in self._asdict().items() if value != Form._field_defaults[name]}


PAPERS = Form()
"""The paper's form, in one pass over the waveform."""


def of(settings: Train) -> Form:
    """Return the form that the parameters select."""
    return Form(settings.front_end, settings.direction, settings.objective)
