"""The section on scores: key numbers, plots with chance and the published table, tables."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from attune.numbers import Score, count, fixed, listed, percent, percent_spread, spread
from attune.report.contents import SYSTEM_NAMES, Contents, spoken, title
from attune.report.pictures import forest
from attune.report.pictures.forest import Block, Row

BASELINES = {"chance": "Chance", "majority": "Majority class"}


def section(contents: Contents) -> dict[str, Any]:
    """Return the content of templates/scores.html and the header's key numbers."""
    scored, tasks = contents.scores.systems, contents.run.tasks
    systems = [system for system in (*contents.run.systems, "majority") if system in scored]
    return {
        "key_numbers": [_key_number(contents, task) for task in tasks],
        "plots": [_plot(contents, systems, task) for task in tasks],
        "rows": [
            _row(contents.scores.of(system)[task], system, task)
            for task in tasks
            for system in (*systems, "chance")
            if system in scored
        ],
        "absent": _absent(contents),
        "folds": _folds(contents, systems),
        "scales": _scales(contents.run.scales),
        "chances": sorted({percent(contents.chance(task)) for task in tasks}),
    }


def _scales(scales: Mapping[str, tuple[float, float]]) -> str:
    """Describe the rating scales, as the end of a sentence."""
    if len(set(scales.values())) == 1:
        low, high = next(iter(scales.values()))
        return f", {low:g} to {high:g}"
    each = ", ".join(f"{title(task)} {low:g} to {high:g}" for task, (low, high) in scales.items())
    return f" ({each})" if each else ""


def _absent(contents: Contents) -> list[str]:
    """Return the classes that UAR leaves out, because no test utterance has them."""
    of_main = contents.confusion.get(contents.run.main_system, {})
    lacking = {
        task: [name for name, row in zip(contents.run.classes[task], counts, strict=True) if not sum(row)]
        for task, counts in of_main.items()
    }
    return [f"{spoken(task)}: {listed(classes)}" for task, classes in lacking.items() if classes]


def name(system: str) -> str:
    return BASELINES.get(system, system)


def _key_number(contents: Contents, task: str) -> dict[str, Any]:
    score, chance = contents.scores.of(contents.run.main_system)[task]["uar"], contents.chance(task)
    if score.low == score.high:  # resamples that do not vary show nothing
        score = score._replace(low=None, high=None)
    return {
        "task": task,
        "name": title(task),
        "value": percent(score.value),
        "interval": percent_spread(score.low, score.high),
        "chance": percent(chance),
        "chance_at": 100 * chance,
        "beats_chance": score.low is not None and score.low > chance,
        "below_chance": score.high is not None and score.high < chance,
        "low": 100 * (score.value if score.low is None else score.low),
        "high": 100 * (score.value if score.high is None else score.high),
        "mark": 100 * score.value,
    }


def _plot(contents: Contents, systems: list[str], task: str) -> Markup:
    blocks = [Block("This run", [_forest_row(contents, system, task) for system in systems])]
    published = _published_rows(contents, task)
    if published:
        blocks.append(Block("Published, IEMOCAP", published))
    axis = forest.uar_axis(_all_blocks(contents, systems), contents.chance(task))
    spoken = "; ".join(f"{row.label} {row.shown}" for block in blocks for row in block.rows)
    return forest.plot(f"UAR for {task}, percent, with intervals: {spoken}.", blocks, axis, task)


def _all_blocks(contents: Contents, systems: list[str]) -> list[Block]:
    """Return the rows of all pictures, so that they share one axis."""
    tasks = contents.run.tasks
    rows = [_forest_row(contents, system, task) for system in systems for task in tasks]
    return [Block("", rows), *(Block("", _published_rows(contents, task)) for task in tasks)]


def _forest_row(contents: Contents, system: str, task: str) -> Row:
    score = contents.scores.of(system)[task]["uar"]
    return Row(name(system), score, shown(score), "plain" if system in BASELINES else "ours")


def shown(score: Score) -> str:
    """Return a UAR in percent, with its interval if it has one."""
    interval = _interval(score, percent_spread(score.low, score.high))
    return f"{percent(score.value)}  ({interval})" if interval else percent(score.value)


def has_published(contents: Contents) -> bool:
    """Whether the published table has any of the tasks."""
    return any(_published_rows(contents, task) for task in contents.run.tasks)


def _published_rows(contents: Contents, task: str) -> list[Row]:
    if contents.published is None:
        return []
    table = contents.published
    rows = table[(table["task"] == task) & (table["partition"] == "test")]
    return [
        Row(str(name), Score(float(uar), None, None, None), percent(float(uar)), "published")
        for name, uar in zip(rows["name"], rows["uar"], strict=True)
    ]


def _row(entry: Mapping[str, Score], system: str, task: str) -> dict[str, Any]:
    uar = entry["uar"]
    return {
        "task": task,
        "system": name(system),
        "title": SYSTEM_NAMES.get(system, ""),
        "baseline": system in BASELINES,
        "uar": percent(uar.value),
        "uar_interval": _interval(uar, percent_spread(uar.low, uar.high)),
        **{key: value for score in ("ccc", "mae") for key, value in _plain(entry, score).items()},
        "n": count(uar.n) if uar.n else "",
    }


def _plain(entry: Mapping[str, Score], score: str) -> dict[str, str]:
    if score not in entry:
        return {score: "", f"{score}_interval": ""}
    found = entry[score]
    return {score: fixed(found.value, 2), f"{score}_interval": _interval(found, spread(found.low, found.high, 2))}


def _interval(score: Score, text: str) -> str:
    return "" if score.low == score.high else text


def _folds(contents: Contents, systems: list[str]) -> list[dict[str, Any]]:
    """Return one row per system and fold, with UAR and CCC by task."""
    rows = []
    for system in systems:
        for fold in contents.scores.folds(system):
            found = contents.scores.of_fold(system, fold)
            cells = [_row_of_fold(found[task]) for task in contents.run.tasks]
            sizes = {scores["uar"].n or 0 for scores in found.values()}
            rows.append({"system": name(system), "fold": fold, "n": count(max(sizes)), "cells": cells})
    return rows


def _row_of_fold(entry: Mapping[str, Score]) -> dict[str, str]:
    uar = entry["uar"]
    return {
        "uar": percent(uar.value),
        "interval": _interval(uar, percent_spread(uar.low, uar.high)),
        **{key: value for key, value in _plain(entry, "ccc").items() if key == "ccc"},
    }
