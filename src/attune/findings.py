"""What an analysis found, as records: system, task, kind of question, numbers, and the sentence they make."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One thing that was found; that nothing was found is a finding too.

    `system` and `task` are None where the finding is about none in particular. `kind` names the question, such as
    ``entropy``. `sentence` is complete in itself but for system and task, and says what `numbers` say.
    """

    system: str | None
    task: str | None
    kind: str
    sentence: str
    numbers: Mapping[str, float] = field(default_factory=dict)


def to_json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings as attention.json has them."""
    return [asdict(finding) for finding in findings]


def from_json(values: Any) -> list[Finding]:
    """What `to_json` made.

    Raises:
        ValueError: it is something else, such as the bare sentences that attune wrote before.
    """
    if not isinstance(values, list):
        raise ValueError("findings are not a list")
    return [_finding(value) for value in values]


def of_system(findings: Iterable[Finding], system: str) -> list[Finding]:
    """Those about this system, and those about no system in particular."""
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
