"""The scores: key numbers, the picture beside chance and the published table, the tables."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from attune.numbers import Score, count, fixed, percent, percent_spread, spread
from attune.params import TASKS
from attune.report import forest
from attune.report.forest import Block, Row
from attune.report.material import SYSTEM_NAMES, TASK_NAMES, Material, Scores

CHANCE = 1 / 3
"""UAR of guessing among three classes."""

BASELINES = {"chance": "Chance", "majority": "Majority class"}


def section(material: Material) -> dict[str, Any]:
    """What templates/scores.html and the header's key numbers show."""
    systems = [system for system in (*material.run.systems, "majority") if system in material.scores]
    return {
        "key_numbers": [_key_number(material, task) for task in TASKS],
        "plots": [_plot(material, systems, task) for task in TASKS],
        "rows": [
            _row(material.scores, system, task)
            for task in TASKS
            for system in (*systems, "chance")
            if system in material.scores
        ],
        "folds": _folds(material.scores, systems),
    }


def name(system: str) -> str:
    return BASELINES.get(system, system)


def _key_number(material: Material, task: str) -> dict[str, Any]:
    score = material.scores[material.run.main_system]["test"][task]["uar"]
    return {
        "task": task,
        "name": TASK_NAMES[task],
        "value": percent(score.value),
        "interval": percent_spread(score.low, score.high),
        "beats_chance": score.low is not None and score.low > CHANCE,
        "low": 100 * (score.value if score.low is None else score.low),
        "high": 100 * (score.value if score.high is None else score.high),
        "mark": 100 * score.value,
    }


def _plot(material: Material, systems: list[str], task: str) -> Markup:
    ours = [_forest_row(material.scores, system, task) for system in systems]
    blocks = [Block("This run", ours)]
    published = _published_rows(material, task)
    if published:
        blocks.append(Block("Published, IEMOCAP", published))
    span = forest.span(_all_blocks(material, systems), CHANCE)
    axis = forest.Axis(*span, "UAR, %", 100, CHANCE, f"chance {percent(CHANCE)}")
    spoken = "; ".join(f"{row.label} {row.shown}" for block in blocks for row in block.rows)
    return forest.plot(f"UAR for {task}, percent, with intervals: {spoken}.", blocks, axis, task)


def _all_blocks(material: Material, systems: list[str]) -> list[Block]:
    """Every row of all three pictures, so that they share one axis."""
    rows = [_forest_row(material.scores, system, task) for system in systems for task in TASKS]
    return [Block("", rows), *(Block("", _published_rows(material, task)) for task in TASKS)]


def _forest_row(scores: Scores, system: str, task: str) -> Row:
    score = scores[system]["test"][task]["uar"]
    interval = percent_spread(score.low, score.high)
    shown = f"{percent(score.value)}  ({interval})" if interval and score.low != score.high else percent(score.value)
    return Row(name(system), score, shown, "plain" if system in BASELINES else "ours")


def _published_rows(material: Material, task: str) -> list[Row]:
    if material.published is None:
        return []
    table = material.published
    rows = table[(table["task"] == task) & (table["partition"] == "test")]
    return [
        Row(str(name), Score(float(uar), None, None, None), percent(float(uar)), "published")
        for name, uar in zip(rows["name"], rows["uar"], strict=True)
    ]


def _row(scores: Scores, system: str, task: str) -> dict[str, Any]:
    entry = scores[system]["test"][task]
    return {
        "task": task,
        "system": name(system),
        "title": SYSTEM_NAMES.get(system, ""),
        "baseline": system in BASELINES,
        "uar": percent(entry["uar"].value),
        "uar_interval": _interval(entry["uar"], percent_spread(entry["uar"].low, entry["uar"].high)),
        **{key: value for score in ("ccc", "mae") for key, value in _plain(entry, score).items()},
        "n": count(entry["uar"].n) if entry["uar"].n else "",
    }


def _plain(entry: Mapping[str, Score], score: str) -> dict[str, str]:
    if score not in entry:
        return {score: "", f"{score}_interval": ""}
    found = entry[score]
    return {score: fixed(found.value, 2), f"{score}_interval": _interval(found, spread(found.low, found.high, 2))}


def _interval(score: Score, text: str) -> str:
    return "" if score.low == score.high else text


def _folds(scores: Scores, systems: list[str]) -> list[dict[str, Any]]:
    """One row per system and fold, with UAR and CCC by task."""
    return [
        {
            "system": name(system),
            "fold": partition.removeprefix("test@"),
            "n": count(scores[system][partition][TASKS[0]]["uar"].n or 0),
            "cells": [_row_of_fold(scores[system][partition][task]) for task in TASKS],
        }
        for system in systems
        for partition in scores[system]
        if partition.startswith("test@")
    ]


def _row_of_fold(entry: Mapping[str, Score]) -> dict[str, str]:
    uar = entry["uar"]
    return {
        "uar": percent(uar.value),
        "interval": _interval(uar, percent_spread(uar.low, uar.high)),
        **{key: value for key, value in _plain(entry, "ccc").items() if key == "ccc"},
    }
