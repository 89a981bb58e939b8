"""Tables of scores with intervals: per partition, per fold and per group of utterances."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from attune.evaluation.baselines import CHANCE
from attune.evaluation.bootstrap import Draws, around, clusters, draw, interval, resampled_sums
from attune.evaluation.scores import OF_CLASSES, SCORES, absent_classes, confusion, drawn, names, summands
from attune.params import Evaluate
from attune.tasks import PAPER, Task, Tasks

GROUPINGS = ("gender", "scenario", "duration", "raters", "speaker")
DURATIONS = ((2.0, "under 2 s"), (5.0, "2 to 5 s"), (float("inf"), "5 s and more"))
SPREADS = ((0.5, "agree"), (1.0, "differ a little"), (float("inf"), "differ by a point"))
"""Agreement of raters, as the standard deviation of ratings: upper ends and names."""
MOST_SPEAKERS = 100
"""With more speakers than this, nobody reads the scores of each, and computing them takes hours."""
IN_METRICS = ("uar", "ccc", "mae")
"""The scores of metrics.json; the others are in scores.csv."""


def score_partitions(rows: pd.DataFrame, settings: Evaluate, tasks: Tasks = PAPER) -> pd.DataFrame:
    """Compute every score of every system and task: test and development pooled over folds, and each fold's test.

    Args:
        rows: ``system, fold, partition, utterance, task, predicted, score, actual, rating, speaker, dialog``, with the
            same utterances for every system and task.

    Returns:
        ``system, partition, task, score, value, low, high, n, absent``: n counts predictions (an utterance in the
        development partition of two folds counts twice), absent lists the classes without true utterances. Chance is
        among the systems, with its theoretical UAR only: that of guessing among the classes with true utterances.
    """
    return pd.DataFrame(
        [
            {"system": record.pop("system"), "partition": name, **record}
            for name, part in _partitions(rows)
            for record in [*_records(part, settings, tasks), *_chance(part, tasks)]
        ]
    )


def score_groups(rows: pd.DataFrame, settings: Evaluate, tasks: Tasks = PAPER) -> pd.DataFrame:
    """Compute every score per gender, scenario, duration, rater agreement and speaker of the pooled test partition.

    Args:
        rows: as for `score_partitions`; ``duration`` in seconds and ``spread``, the standard deviation of the ratings
            of an utterance and task, make groups where they are known.

    Returns:
        ``system, task, grouping, group, score, value, low, high, n, absent, extreme``, the last one marking the best
        and the worst speaker by UAR. Intervals of one speaker ignore differences between speakers. Speakers of a single
        utterance are not scored separately, and with more than `MOST_SPEAKERS` others none is.
    """
    test = _grouped(rows[rows["partition"] == "test"])
    table = pd.DataFrame(
        [
            {"system": record.pop("system"), "task": record.pop("task"), "grouping": by, "group": group, **record}
            for by in _groupings(test)
            for group, part in _groups(test, by)
            for record in _records(part, settings, tasks)
        ]
    )
    table["extreme"] = ""
    speakers = table[(table["grouping"] == "speaker") & (table["score"] == "uar")]
    for _, own in speakers.groupby(["system", "task"]):
        if own["value"].nunique() > 1:
            table.loc[own["value"].idxmax(), "extreme"] = "best"
            table.loc[own["value"].idxmin(), "extreme"] = "worst"
    return table


def _groupings(test: pd.DataFrame) -> list[str]:
    few = several(test)["speaker"].nunique() <= MOST_SPEAKERS
    return [by for by in GROUPINGS if few or by != "speaker"]


def _grouped(test: pd.DataFrame) -> pd.DataFrame:
    """Add ``duration`` and ``raters`` as names of groups, missing where they are not known."""
    named = {"duration": ("duration", DURATIONS), "raters": ("spread", SPREADS)}
    return test.assign(**{name: _named(test.get(source), bins) for name, (source, bins) in named.items()})


def _named(values: "pd.Series[float] | None", bins: Sequence[tuple[float, str]]) -> "pd.Series[str] | None":
    if values is None:
        return None
    edges, names = zip(*bins, strict=True)
    return pd.cut(values.astype(float), [-1.0, *edges], right=False, labels=names)


def several(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of speakers with several utterances: an unknown speaker has one, and is nobody to report on."""
    return rows[rows.groupby("speaker", observed=True)["utterance"].transform("nunique") > 1]


def _groups(test: pd.DataFrame, by: str) -> Iterator[tuple[str, pd.DataFrame]]:
    for group, part in (several(test) if by == "speaker" else test).groupby(by, observed=True):
        yield str(group), part


def as_metrics(protocol: str, table: pd.DataFrame) -> dict[str, Any]:
    """Nest `score_partitions`' table: ``{protocol: {system: {partition: {task: {score: {value, low, high, n}}}}}}``."""
    systems: dict[str, Any] = {}
    for row in table[table["score"].isin(IN_METRICS)].to_dict("records"):
        scores = systems.setdefault(row["system"], {}).setdefault(row["partition"], {}).setdefault(row["task"], {})
        scores[row["score"]] = {name: row[name] for name in ("value", "low", "high", "n")}
    return {protocol: systems}


def confusions(rows: pd.DataFrame, tasks: Tasks = PAPER) -> dict[str, dict[str, list[list[int]]]]:
    """Return counts of the pooled test partition, ``{system: {task: classes x classes}}``, rows being the truth."""
    test = rows[rows["partition"] == "test"]
    counts: dict[str, dict[str, list[list[int]]]] = {}
    for system, task, own in _by_system_and_task(test, tasks):
        counts.setdefault(system, {})[task.name] = confusion(_summands(own, task).sum(axis=0)).astype(int).tolist()
    return counts


def _partitions(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    test = rows[rows["partition"] == "test"]
    yield "test", test
    yield "development", rows[rows["partition"] == "development"]
    for fold in test["fold"].unique():
        yield f"test@{fold}", test[test["fold"] == fold]


def _records(part: pd.DataFrame, settings: Evaluate, tasks: Tasks) -> Iterator[dict[str, Any]]:
    utterances, draws = _draws(part, settings)
    for system, task, own in _by_system_and_task(part, tasks):
        summed = _summands(own, task)
        value = summed.sum(axis=0)
        resampled = resampled_sums(summed, draws, utterances.get_indexer(pd.Index(own["utterance"])))
        resampled = resampled[drawn(resampled)]  # a small group may not have been drawn at all
        absent = ",".join(map(str, absent_classes(value)))
        independent = clusters(own["speaker"], own["dialog"])
        for name in names(task):
            of_share = independent if name in OF_CLASSES else None
            score = float(SCORES[name](value))
            low, high = around(score, interval(SCORES[name](resampled), settings.confidence, of_share))
            yield {
                **{"system": system, "task": task.name, "score": name, "value": score},
                **{"low": low, "high": high, "n": len(own), "absent": absent},
            }


def _draws(part: pd.DataFrame, settings: Evaluate) -> tuple["pd.Index[Any]", Draws]:
    """Return a part's utterances and how often each resample draws them, the same for all systems and tasks."""
    drawn = part.drop_duplicates("utterance").set_index("utterance")
    return drawn.index, draw(drawn["speaker"], drawn["dialog"], resamples=settings.resamples, seed=settings.seed)


def _chance(part: pd.DataFrame, tasks: Tasks) -> Iterator[dict[str, Any]]:
    n = len(part.drop_duplicates(["fold", "utterance"]))
    for task in tasks:
        occurring = part.loc[part["task"] == task.name, "actual"].nunique() or len(task.classes)
        certain = dict.fromkeys(("value", "low", "high"), 1 / occurring)
        yield {"system": CHANCE, "task": task.name, "score": "uar", **certain, "n": n, "absent": ""}


def _by_system_and_task(rows: pd.DataFrame, tasks: Tasks) -> Iterator[tuple[str, Task, pd.DataFrame]]:
    for system in rows["system"].unique():
        for task in tasks:
            own = rows[(rows["system"] == system) & (rows["task"] == task.name)]
            if len(own):
                yield system, task, own


def _summands(rows: pd.DataFrame, task: Task) -> Any:
    return summands(rows["actual"], rows["predicted"], rows["rating"], rows["score"], len(task.classes))
