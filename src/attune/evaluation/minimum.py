"""Minimum requirements: the lower end of a score's interval, per task. One form for the gate and the policy.

`{task: {score: smallest acceptable lower end}}`, as in `promote.minimum` of params.yaml.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from attune.errors import AttuneError

SCORES = ("uar", "ccc")
"""Scores that are better when larger, so that a minimum means something."""


class Finding(NamedTuple):
    """One minimum and the value that was reached."""

    task: str
    score: str
    minimum: float
    low: float

    @property
    def reached(self) -> bool:
        return self.low >= self.minimum


def check(minimum: Mapping[Any, Any], tasks: Sequence[str], low: Callable[[str, str], float]) -> list[Finding]:
    """Compare the lower ends of the intervals with their minimum.

    Args:
        minimum: by task and score.
        tasks: the known tasks.
        low: returns the lower end for a task and a score.

    Raises:
        AttuneError: a minimum is for something that is not a task or score, is not a number, or is out of reach.
    """
    return [
        Finding(task, score, _number(value, task, score), low(task, score))
        for name, scores in minimum.items()
        for task in [_task(name, tasks)]
        for score, value in _known(task, scores).items()
    ]


def _task(name: str, tasks: Sequence[str]) -> str:
    if name not in tasks:
        raise AttuneError(f"{name!r} is not a task", where="minimum", remedy=f"Tasks are {', '.join(tasks)}.")
    return name


def _known(task: str, scores: Any) -> Mapping[str, Any]:
    if not isinstance(scores, Mapping) or not set(scores) <= set(SCORES):
        raise AttuneError(
            f"{task}: a minimum is set for {' and '.join(SCORES)} only",
            where="minimum",
            remedy='For example {"arousal": {"uar": 0.4}}: the lower end of the interval must reach it.',
        )
    return scores


def _number(value: Any, task: str, score: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise AttuneError(f"{task}.{score}: a minimum must be a number, got {value!r}", where="minimum")
    if abs(value) > 1:
        raise AttuneError(
            f"{task}.{score}: no score can reach {value:g}",
            where="minimum",
            remedy="UAR and CCC are at most 1: 0.4 stands for 40 %.",
        )
    return float(value)
