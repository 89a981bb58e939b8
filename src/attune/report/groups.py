"""The main system's UAR by gender, scenario and speaker."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from attune.numbers import Score, percent, percent_spread
from attune.report.contents import Contents
from attune.report.pictures import forest
from attune.report.pictures.forest import Block, Row

HEADINGS = {
    **{"gender": "Gender", "scenario": "Scenario", "duration": "Duration", "raters": "Raters differ, on 1 to 5"},
    "speaker": "Speaker, worst first",
}
GROUP_NAMES = {
    **{"F": "female", "M": "male"},
    **{"agree": "under 0.5", "differ a little": "0.5 to 1", "differ by a point": "1 and more"},
}


def section(contents: Contents) -> list[Markup]:
    """Return a picture per task; none if the run has no table of groups."""
    if contents.groups is None:
        return []
    table, tasks = contents.groups, contents.run.tasks
    table = table[(table["system"] == contents.run.main_system) & (table["score"] == "uar")]
    if not contents.run.origin.speakers_known:
        table = table[table["grouping"] != "speaker"]
    blocks = {task: _blocks(table[table["task"] == task]) for task in tasks}
    if not any(blocks.values()):
        return []
    shown = [block for own in blocks.values() for block in own]
    axes = {task: forest.uar_axis(shown, contents.chance(task), forest.BESIDE) for task in tasks}
    return [forest.plot(_spoken(task, blocks[task]), blocks[task], axes[task], task, forest.BESIDE) for task in tasks]


def _blocks(table: pd.DataFrame) -> list[Block]:
    return [
        Block(HEADINGS.get(str(grouping), str(grouping)), [_row(row) for row in _ordered(str(grouping), own)])
        for grouping, own in table.groupby("grouping", sort=False)
    ]


def _ordered(grouping: str, own: pd.DataFrame) -> list[dict[Any, Any]]:
    by_score = own.sort_values("value", kind="stable") if grouping == "speaker" else own
    return by_score.to_dict("records")


def _row(row: dict[Any, Any]) -> Row:
    score = Score(row["value"], row["low"], row["high"], row["n"])
    group = str(row["group"])
    return Row(f"{GROUP_NAMES.get(group, group)}, {score.n}", score, percent(score.value))


def _spoken(task: str, blocks: list[Block]) -> str:
    rows = "; ".join(
        f"{row.label} utterances: {row.shown} ({percent_spread(row.score.low, row.score.high)})"
        for block in blocks
        for row in block.rows
    )
    return f"UAR for {task} by group, percent, with intervals: {rows}."
