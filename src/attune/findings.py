"""Findings of an analysis as records: system, task, kind of question, numbers, and a sentence about them."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One finding; a null result is a finding too.

    `system` and `task` are None if the finding is about none in particular. `kind` names the question, such as
    ``entropy``. `sentence` is self-contained except for system and task, and expresses `numbers` in words.
    """

    system: str | None
    task: str | None
    kind: str
    sentence: str
    numbers: Mapping[str, float] = field(default_factory=dict)


def to_json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings in the format of attention.json."""
    return [asdict(finding) for finding in findings]


def from_json(values: Any) -> list[Finding]:
    """Parse the output of `to_json`.

    Raises:
        ValueError: it is something else, such as the bare sentences that earlier versions of attune wrote.
    """
    if not isinstance(values, list):
        raise ValueError("findings are not a list")
    return [_finding(value) for value in values]


def of_system(findings: Iterable[Finding], system: str) -> list[Finding]:
    """Return the findings about this system, and those about no system in particular."""
    return [finding for finding in findings if finding.system in (system, None)]


def _finding(value: Any) -> Finding:
    try:
        found = Finding(**value)
    except TypeError as error:
        raise ValueError(f"not a finding: {value!r}") from error
    texts = (found.kind, found.sentence, found.system or "", found.task or "")
    numbers = found.numbers.values() if isinstance(found.numbers, dict) else [None]
    if not all(isinstance(text, str) for text in texts) or not all(isinstance(n, int | float) for n in numbers):
        raise ValueError(f"not a finding: {value!r}")
    return found
