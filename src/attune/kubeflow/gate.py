"""What must hold before a system is registered: the lower ends of its intervals reach their minimum."""

import math
from typing import Any, NamedTuple

from attune.errors import AttuneError
from attune.params import TASKS

SCORES = ("uar", "ccc")
"""Scores that are better when larger, so that a minimum means something."""

Minimum = dict[str, dict[str, float]]
"""{task: {score: smallest acceptable lower end of its interval}}."""


class Finding(NamedTuple):
    """One minimum and what was reached."""

    task: str
    score: str
    minimum: float
    low: float

    @property
    def reached(self) -> bool:
        return self.low >= self.minimum


def check(metrics: dict[str, Any], protocol: str, system: str, minimum: Minimum) -> list[Finding]:
    """Compare a system's pooled test scores with their minimum.

    Args:
        metrics: what `attune evaluate` wrote to metrics.json.

    Raises:
        AttuneError: a minimum of something that is no task or score, or that was not evaluated.
    """
    return [
        Finding(task, score, _number(value, task, score), _low(metrics, protocol, system, task, score))
        for task, scores in minimum.items()
        for score, value in _known(task, scores).items()
    ]


def _known(task: str, scores: Any) -> dict[str, Any]:
    if task not in TASKS:
        raise AttuneError(f"{task!r} is no task", where="gate", remedy=f"Tasks are {', '.join(TASKS)}.")
    if not isinstance(scores, dict) or not set(scores) <= set(SCORES):
        raise AttuneError(
            f"{task}: a minimum is set for {' and '.join(SCORES)} only",
            where="gate",
            remedy='For example {"arousal": {"uar": 0.4}}: the lower end of the interval must reach it.',
        )
    return scores


def _number(value: Any, task: str, score: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise AttuneError(f"{task}.{score}: a minimum is a number, got {value!r}", where="gate")
    return float(value)


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
