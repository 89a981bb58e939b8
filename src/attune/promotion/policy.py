"""The policy for becoming champion: one check per requirement of `promote` in params.yaml."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import pandas as pd

from attune.errors import AttuneError
from attune.evaluation import scores
from attune.evaluation.bootstrap import around, clusters, draw, interval, resampled_sums
from attune.evaluation.minimum import check
from attune.evaluation.scores import summands
from attune.evaluation.scoring import several
from attune.numbers import fixed, joined, percent, signed
from attune.params import Evaluate, Promote
from attune.promotion.compare import Subject, check_same, differences
from attune.tags import DVC, GIT_CHANGED, GIT_CLEAN, GIT_COMMIT, PARAMS, PREDICTIONS, PROTOCOL, SCORES, SEEDS, SYSTEM
from attune.tasks import Task, names_of

LINEAGE = (GIT_COMMIT, DVC, PARAMS, PROTOCOL, SYSTEM, SEEDS, SCORES, PREDICTIONS)
"""Tags required to trace a version back to its code, data, parameters and scores."""

_KEPT_ELSEWHERE = {"params.yaml"}  # its content is in the tag attune.params, so it may differ from the commit

_NAMED = 10
"""How many of the changed files a verdict names; the version's lineage has them all."""


class Check(NamedTuple):
    """One requirement: what it is about, what was found, what was wanted, and whether it is met."""

    about: str
    found: str
    wanted: str
    holds: bool


class Cost(NamedTuple):
    """The cost of a model: megabytes of files, and seconds of CPU time per second of audio."""

    megabytes: float
    latency: float


def lineage(tags: Mapping[str, str]) -> Iterator[Check]:
    """Check that the version's lineage is complete and that the code was as committed."""
    missing = [name for name in LINEAGE if not tags.get(name)]
    yield Check("lineage", f"no {', '.join(missing)}" if missing else "complete", "every tag", not missing)
    if tags.get(GIT_CLEAN) != "true":
        changed = sorted(set(_changed(tags)) - _KEPT_ELSEWHERE)
        found = f"not as committed: {_some(changed)}" if changed else "as committed"
        yield Check("code", found, "as committed", not changed)


def _some(paths: list[str]) -> str:
    """Name the first few: MLflow's tags, in which the verdict is kept, do not hold thousands."""
    more = [f"and {len(paths) - _NAMED} more"] if len(paths) > _NAMED else []
    return ", ".join([*paths[:_NAMED], *more])


def _changed(tags: Mapping[str, str]) -> list[str]:
    try:
        return [str(path) for path in json.loads(tags[GIT_CHANGED])]
    except (KeyError, ValueError, TypeError):
        return ["not known what"]


def minimum(candidate: Subject, policy: Promote, settings: Evaluate) -> Iterator[Check]:
    """Check that the lower ends of the intervals are high enough, as `attune.kubeflow.gate` does before registering."""
    names, rows = names_of(candidate.tasks), candidate.rows
    intervals = {task.name: _intervals(rows[rows["task"] == task.name], task, settings) for task in candidate.tasks}

    def lowest(task: str, score: str) -> float:
        if score not in intervals[task]:
            raise AttuneError(
                f"{task} has no {score}, since it has categories",
                where="promote.minimum",
                remedy="Set a minimum for its uar.",
            )
        return intervals[task][score].low

    for found in check(policy.minimum, names, lowest):
        value, low, high = intervals[found.task][found.score]
        form = percent if found.score == "uar" else partial(fixed, digits=3)
        yield Check(
            f"{found.score.upper()} of {found.task}",
            f"{form(value)} ({joined(form(low), form(high))})",
            f"lower end at least {form(found.minimum)}",
            found.reached,
        )


class _Interval(NamedTuple):
    value: float
    low: float
    high: float


def _intervals(rows: pd.DataFrame, task: Task, settings: Evaluate) -> dict[str, _Interval]:
    sums = summands(rows["actual"], rows["predicted"], rows["rating"], rows["score"], len(task.classes))
    draws = draw(rows["speaker"], rows["dialog"], resamples=settings.resamples, seed=settings.seed)
    resampled, total = resampled_sums(sums, draws), sums.sum(axis=0)
    independent = clusters(rows["speaker"], rows["dialog"])
    return {
        name: _Interval(value, *around(value, interval(scores.SCORES[name](resampled), settings.confidence, of_share)))
        for name, of_share in (("uar", independent), ("ccc", None))
        if name in scores.names(task)
        for value in [float(scores.SCORES[name](total))]
    }


def against_champion(candidate: Subject, champion: Subject, policy: Promote, settings: Evaluate) -> Iterator[Check]:
    """Check that no task, and no group in any task, is worse than the champion by more than its margin.

    Over all utterances, the whole interval must be above the margin, which shows that the candidate is not worse.
    For one group, such as a speaker's few dozen utterances, the interval is always too wide for that, so the difference
    itself is compared: a gate against harm to a group that does not show in the total.
    """
    try:
        check_same(candidate, champion)
    except AttuneError as error:
        yield Check("same test utterances", error.what, "the same utterances and labels", False)
        return
    for row in differences(candidate.rows, champion.rows, settings, ["uar"], candidate.tasks).to_dict("records"):
        yield Check(
            f"UAR of {row['task']} against the champion",
            _difference(row),
            f"lower end at least {signed(-100 * policy.margin, 1)}",
            row["low"] >= -policy.margin,
        )
    for grouping, margin in policy.group_margins.model_dump().items():
        grouped = candidate._replace(rows=several(candidate.rows)) if grouping == "speaker" else candidate
        if len(grouped.rows):
            yield _groups(grouped, champion, grouping, margin, settings)


def _groups(candidate: Subject, champion: Subject, grouping: str, margin: float, settings: Evaluate) -> Check:
    """Check the group and task that lost most in a grouping."""
    worst = min(
        (
            {**row, "group": group}
            for group, rows in candidate.rows.groupby(grouping)
            for row in differences(rows, champion.rows.loc[rows.index], settings, ["uar"], candidate.tasks).to_dict(
                "records"
            )
        ),
        key=lambda row: row["difference"],
    )
    return Check(
        f"worst {grouping} against the champion",
        f"{worst['group']}, {worst['task']}: {_difference(worst)}",
        f"at least {signed(-100 * margin, 1)}",
        worst["difference"] >= -margin,
    )


def budgets(cost: Cost, policy: Promote) -> Iterator[Check]:
    """Check that the model is small and fast enough."""
    size, latency = policy.max_megabytes, policy.max_latency
    yield Check("size", f"{cost.megabytes:.1f} MB", f"at most {size:g} MB", cost.megabytes <= size)
    yield Check(
        "latency",
        f"{cost.latency:.3f} s of processor time per second of audio",
        f"at most {latency:g} s",
        cost.latency <= latency,
    )


def _difference(row: Mapping[Any, Any]) -> str:
    value, low, high = (signed(100 * row[name], 1) for name in ("difference", "low", "high"))
    return f"{value} ({joined(low, high)})"
