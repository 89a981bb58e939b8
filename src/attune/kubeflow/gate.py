"""The gate before registration: the lower ends of a system's intervals must reach their minimum."""

from typing import Any

from attune.artifacts.metrics import Metrics
from attune.errors import AttuneError
from attune.evaluation import minimum as minima
from attune.evaluation.minimum import Finding


def check(metrics: Metrics, protocol: str, system: str, minimum: dict[str, Any]) -> list[Finding]:
    """Compare a system's pooled test scores with their minimum.

    Args:
        metrics: written by `attune evaluate`.
        protocol, system: the ones to check.
        minimum: in the form of `promote.minimum` in params.yaml.

    Raises:
        AttuneError: a minimum is for something that is not a task or score, or was not evaluated.
    """
    return minima.check(minimum, metrics.tasks, lambda task, score: _low(metrics, protocol, system, task, score))


def _low(metrics: Metrics, protocol: str, system: str, task: str, score: str) -> float:
    known = metrics.protocol == protocol and system in metrics.systems
    found = metrics.of(system).get(task, {}).get(score) if known else None
    if found is None or found.low is None:
        raise AttuneError(
            f"has no {score} of {task} for {system} under {protocol}",
            where="metrics",
            remedy="Choose a system, a task and a score that were evaluated.",
        )
    return found.low
