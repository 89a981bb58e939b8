"""The findings behind the scores, in sentences: the number, its reference, n, and what it means."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from attune.evaluation.depth.calibration import LEAST_SPEAKERS
from attune.evaluation.depth.tables import AS_TRAINED, TEMPERED, Depth
from attune.findings import Finding
from attune.numbers import count, fixed, p_value, percent_interval, percentage, points, spread

SIGNIFICANT = 0.05

Row = Mapping[Any, Any]
Told = tuple[str, str, dict[str, float]]
"""Kind, sentence, numbers."""


def findings(depth: Depth, scores: pd.DataFrame) -> list[Finding]:
    """Return the findings about every system and task.

    Args:
        scores: from `attune.evaluation.scoring.score_partitions`.
    """
    test = scores[scores["partition"] == "test"]
    pairs = depth.calibration[["system", "task"]].drop_duplicates().itertuples(index=False)
    return [
        Finding(system, task, kind, sentence, numbers)
        for system, task in pairs
        for kind, sentence, numbers in _of_task(
            Depth(*(_own(table, system, task) for table in depth)),
            _own(test, system, task),
            _own(depth.ceiling, None, task),
        )
    ]


def _own(table: pd.DataFrame, system: str | None, task: str) -> pd.DataFrame:
    if table.empty:
        return table
    return table[(table["task"] == task) & ((table["system"] == system) if system else True)]


def _of_task(own: Depth, scores: pd.DataFrame, ceiling: pd.DataFrame) -> Iterator[Told]:
    yield _calibration(own.calibration)
    if len(ceiling):
        yield _ceiling(_by_score(ceiling), _by_score(scores))
    for row in own.sessions.to_dict("records"):
        yield _sessions(row)
    for row in own.extremes.to_dict("records"):
        yield _extreme(row)
    for row in own.regression.to_dict("records"):
        yield _regression(row)
    if len(own.learning):
        yield _learning(own.learning)


def _by_score(table: pd.DataFrame) -> dict[str, Row]:
    return {str(row["score"]): row for row in table.to_dict("records")}


def _calibration(table: pd.DataFrame) -> Told:
    before = _by_score(table[table["predictions"] == AS_TRAINED])
    after = _by_score(table[table["predictions"] == TEMPERED])
    sure, ece = before["overconfidence"], before["ece"]
    leaning = "more confident" if sure["low"] > 0 else "less confident" if sure["high"] < 0 else ""
    n = f"n = {count(ece['n'])}"
    if math.isnan(ece["p"]):
        compared = f" ({n}): undecided, since it takes {LEAST_SPEAKERS} known speakers to tell that from chance"
    else:
        compared = (
            "; if each speaker's answers were as likely better as worse than confidence says, it would be "
            f"{percentage(ece['expected'])} ({p_value(ece['p_holm'])}, {n}): {_calibrated(ece, leaning)}"
        )
    errors = f"Confidence minus accuracy is {points(sure)}. The calibration error (ECE) is {percent_interval(ece)}"
    sentence = f"{errors}{compared}."
    if after:
        sentence += f" With a temperature fitted on development speakers ECE is {percent_interval(after['ece'])}."
    return "calibration", sentence, _numbers(ece)


def _calibrated(ece: Row, leaning: str) -> str:
    if ece["p_holm"] <= SIGNIFICANT:
        return f"it is {leaning} than it is accurate" if leaning else "some probabilities are too high, some too low"
    if leaning:
        return "undecided, since confidence and accuracy differ but the test does not reject chance"
    return "its probabilities are accurate, as far as this many utterances can show"


def _ceiling(ceiling: Mapping[str, Row], scores: Mapping[str, Row]) -> Told:
    uar, ccc, noise = (ceiling[name] for name in ("uar", "ccc", "noise"))
    own = scores["uar"]
    if own["value"] >= uar["value"]:
        meaning = f"the system reaches {percentage(own['value'])}, as much as these labels allow"
    elif own["low"] == own["high"]:
        meaning = f"the system reaches {percentage(own['value'])}, without an interval to judge the gap by"
    elif own["high"] >= uar["low"]:
        meaning = "the gap to it may be label noise alone"
    else:
        meaning = f"the system reaches {percentage(own['value'])}, so there is more to be learnt from these labels"
    sentence = (
        f"A rater is {fixed(noise['value'], 2)} rating points from what all raters would say on average (standard "
        f"deviation). Judged by the mean of {fixed(uar['raters'], 1)} such raters the best predictor would reach UAR "
        f"{percent_interval(uar)} and CCC {fixed(ccc['value'], 2)} ({spread(ccc['low'], ccc['high'], 2)}) "
        f"(n = {count(uar['n'])}): {meaning}."
    )
    return "ceiling", sentence, _numbers(uar)


def _verdict(row: Row) -> str:
    """Return more, less or same, or how interval and test disagree."""
    outside, rejected = row["over_low"] > 0 or row["over_high"] < 0, row["over_p_holm"] <= SIGNIFICANT
    if outside != rejected:
        return _undecided(rejected)
    return "same" if not rejected else "more" if row["over_value"] > 0 else "less"


def _undecided(rejected: bool) -> str:
    if rejected:
        return "undecided, since the test rejects chance but the interval includes zero"
    return "undecided, since the interval excludes zero but the test does not reject chance"


def _sessions(row: Row) -> Told:
    percents = row["score"] == "uar"
    name, shown = str(row["score"]).upper(), (percentage if percents else _fine)
    over = {end: row[f"over_{end}"] for end in ("value", "low", "high")}
    difference = points(over) if percents else f"{_fine(over['value'])} ({spread(over['low'], over['high'], 3)})"
    meanings = {
        "same": "pooling makes no difference that could be shown",
        "more": "pooling raises the score, since ratings and predictions shift from session to session",
        "less": "pooling lowers the score, since ratings and predictions shift from session to session",
    }
    verdict = _verdict(row)
    sentence = (
        f"Pooled, {name} is {shown(row['pooled'])}; the mean over the {row['folds']} folds is {shown(row['mean'])} "
        f"(difference {difference}, {p_value(row['over_p_holm'])}, n = {count(row['n'])}), "
        f"{_from_to(row, shown)}: {meanings.get(verdict, verdict)}."
    )
    if percents and not math.isnan(row["score_lowest"]):  # categories have no mean
        sentence += (
            f" Means of folds are {_range(row, 'rating')} for ratings and {_range(row, 'score')} for predictions."
        )
    return f"sessions-{row['score']}", sentence, {name: float(value) for name, value in over.items()}


def _from_to(row: Row, shown: Callable[[float], str]) -> str:
    if row["lowest"] == row["highest"]:
        return "the same in each"
    return f"from {shown(row['lowest'])} in {row['lowest_fold']} to {shown(row['highest'])} in {row['highest_fold']}"


def _range(row: Row, name: str) -> str:
    return f"{_two(row[f'{name}_lowest'])} to {_two(row[f'{name}_highest'])}"


def _two(value: float) -> str:
    return fixed(value, 2)


def _fine(value: float) -> str:
    """Format CCCs shown with their difference, which two digits would often not seem to give."""
    return fixed(value, 3)


def _extreme(row: Row) -> Told:
    end, rejected = row["end"], row["p_holm"] <= SIGNIFICANT
    outside = row["value"] < row["low"] if end == "worst" else row["value"] > row["high"]
    if rejected != outside:
        meaning = "undecided, since " + (
            "the test rejects chance but its interval includes this"
            if rejected
            else "the interval of chance excludes this but the test does not reject it"
        )
    else:
        meaning = "chance alone does not explain that" if rejected else "no more than chance would give"
    null = {"value": row["expected"], "low": row["low"], "high": row["high"]}
    sentence = (
        f"The {end} of {row['speakers']} speakers, {row['speaker']}, has UAR {percentage(row['value'])} "
        f"(n = {count(row['n'])}). If speakers were alike, the {end} of so many would have {percent_interval(null)} "
        f"({p_value(row['p_holm'])}): {meaning}."
    )
    return f"speaker-{end}", sentence, {"value": float(row["value"]), "p": float(row["p_holm"])}


def _regression(row: Row) -> Told:
    """Only a gain is tested; see `attune.evaluation.depth.regression`."""
    gained, rejected = row["over_low"] > 0, row["over_p_holm"] <= SIGNIFICANT
    if gained != rejected:
        meaning = _undecided(rejected)
    else:
        meaning = (
            "the regression uses the probabilities better"
            if gained
            else "the predicted value is as good, as far as this many can tell"
        )
    difference = f"{_fine(row['over_value'])} ({spread(row['over_low'], row['over_high'], 3)})"
    sentence = (
        f"A regression of the rating on the logits, fitted on development speakers, has CCC {_fine(row['regression'])} "
        f"instead of {_fine(row['expected'])} (difference {difference}, one-sided {p_value(row['over_p_holm'])}, "
        f"n = {count(row['n'])}): {meaning}."
    )
    return "regression", sentence, {"value": float(row["over_value"]), "p": float(row["over_p_holm"])}


def _learning(table: pd.DataFrame) -> Told:
    """Compare all training dialogs with the largest part of them that is at most half."""
    rows: list[Any] = table.sort_values("share").to_dict("records")
    *parts, whole = rows
    part = max((row for row in parts if row["share"] <= _HALF), key=lambda row: row["share"], default=parts[0])
    meanings = {
        "same": "more data like these make no difference that could be shown",
        "more": "more data like these may help further",
        "less": "more data like these do not help",
    }
    verdict = _verdict(part)
    over = {end: part[f"over_{end}"] for end in ("value", "low", "high")}
    sentence = (
        f"Trained on {percentage(part['share'], 0)} of the dialogs ({count(round(part['training']))} utterances) it "
        f"has UAR {percent_interval(part)}; on all of them ({count(round(whole['training']))}) it has "
        f"{percent_interval(whole)} (difference {points(over)}, {p_value(part['over_p_holm'])}, "
        f"n = {count(whole['n'])}): {meanings.get(verdict, verdict)}."
    )
    return "learning", sentence, {name: float(value) for name, value in over.items()}


_HALF = 0.5


def _numbers(row: Row) -> dict[str, float]:
    return {name: float(row[name]) for name in ("value", "low", "high", "n")}
