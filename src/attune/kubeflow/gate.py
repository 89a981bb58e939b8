"""What must hold before a system is registered: the lower ends of its intervals reach their minimum."""

from typing import Any

from attune.errors import AttuneError
from attune.evaluation import minimum as minima
from attune.evaluation.minimum import Finding


def check(metrics: dict[str, Any], protocol: str, system: str, minimum: dict[str, Any]) -> list[Finding]:
    """Compare a system's pooled test scores with their minimum.

    Args:
        metrics: what `attune evaluate` wrote to metrics.json.
        protocol, system: which of them.
        minimum: in the form of `promote.minimum` in params.yaml.

    Raises:
        AttuneError: a minimum of something that is no task or score, or that was not evaluated.
    """
    return minima.check(minimum, lambda task, score: _low(metrics, protocol, system, task, score))


def _low(metrics: dict[str, Any], protocol: str, system: str, task: str, score: str) -> float:
    try:
        low = metrics[protocol][system]["test"][task][score]["low"]
    except (KeyError, TypeError):
        low = None
    if low is None:
        raise AttuneError(
            f"holds no {score} of {task} for {system} under {protocol}",
            where="metrics",
            remedy="Choose a system, a task and a score that were evaluated.",
        )
    return float(low)
