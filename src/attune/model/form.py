"""What a network is made of besides its attention: the paper's form, and others by name."""

from typing import NamedTuple

from attune.train_settings import Train


class Form(NamedTuple):
    """A front end of `attune.model.front_ends`, the GRUs' direction, an objective of `attune.model.objectives`."""

    front_end: str = "paper"
    direction: str = "forward"
    objective: str = "classes"

    @property
    def bidirectional(self) -> bool:
        return self.direction == "bidirectional"

    def told(self) -> dict[str, object]:
        """What model.json says of it: where it is not the paper's."""
        return {name: value for name, value in self._asdict().items() if value != Form._field_defaults[name]}


PAPERS = Form()
"""The paper's, in one pass over the waveform."""


def of(settings: Train) -> Form:
    """What the parameters ask for."""
    return Form(settings.front_end, settings.direction, settings.objective)
