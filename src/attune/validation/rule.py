"""Definition of a rule."""

from dataclasses import dataclass
from typing import Literal

from attune.validation.expectations import Test

Table = Literal["utterances", "ratings", "notes", "outcome", "sessions", "balance"]
Action = Literal["stop", "quarantine", "report"]


@dataclass(frozen=True)
class Rule:
    """One test of one table. Null cells are not tested, except by `present`."""

    name: str
    table: Table
    action: Action
    """When it is broken: stop the run, quarantine the utterance, or only report it."""
    test: Test
    description: str

    @property
    def severity(self) -> Literal["critical", "warning"]:
        """Severity in Great Expectations' terms: a broken critical rule stops the run."""
        return "critical" if self.action == "stop" else "warning"
