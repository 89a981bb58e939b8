"""The table printed when evaluation ends, at most 80 columns wide."""

from collections.abc import Sequence

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.table import Table

from attune.evaluation.baselines import CHANCE
from attune.evaluation.published import TABLE, Published
from attune.evaluation.scoring import IN_METRICS
from attune.numbers import fixed, level, percent, percent_spread
from attune.tasks import PAPER, Tasks, names_of


def summary(scores: pd.DataFrame, confidence: float, title: str, tasks: Tasks = PAPER) -> Table:
    """Return a table of pooled test scores per system and task, above the published ones.

    Args:
        scores: from `attune.evaluation.scoring.score_partitions`.
        confidence: of the intervals, such as 0.95.
    """
    names = names_of(tasks)
    published = not set(names).isdisjoint(TABLE[0].uar)
    table = Table(
        title=title,
        title_justify="left",
        caption=_caption(confidence, tasks, published),
        caption_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    test = scores[scores["partition"] == "test"]
    if len(names) > MOST_BESIDE:
        return _one_below_the_other(table, test, names)
    table.add_column("system", overflow="fold")
    for task in names:
        table.add_column(task, overflow="fold")
    for system in test["system"].unique():
        own = test[test["system"] == system]
        cells = [_cell(own[own["task"] == task].set_index("score")) for task in names]
        table.add_row(system, *cells, style="dim" if system == CHANCE else None)
    if published:
        table.add_section()
        table.add_row("published,\nIEMOCAP:", style="dim")
        for row in TABLE:
            table.add_row(row.system, *(_published(row, task) for task in names), style="dim")
    return table


MOST_BESIDE = 3
"""Tasks that fit next to one another in 80 columns."""


def _one_below_the_other(table: Table, test: pd.DataFrame, tasks: Sequence[str]) -> Table:
    for heading in ("task", "system", "scores"):
        table.add_column(heading, overflow="fold")
    for task in tasks:
        table.add_section()
        for number, system in enumerate(test["system"].unique()):
            own = test[(test["system"] == system) & (test["task"] == task)].set_index("score")
            table.add_row(
                "" if number else task,
                system,
                _cell(own).replace("\n", "  "),
                style="dim" if system == CHANCE else None,
            )
    return table


def _caption(confidence: float, tasks: Tasks, published: bool) -> str:
    ratings = _OF_RATINGS if any(task.rated for task in tasks) else ""
    return _CAPTION.format(level(confidence)) + ratings + (_MARKED if published else "")


_CAPTION = "UAR in % with its {} interval"
_OF_RATINGS = ", CCC, mean absolute error in rating points"
_MARKED = "; * marked in the paper by its one-tailed z-test, p < .05"


def _cell(scores: pd.DataFrame) -> str:
    numbers = scores[["value", "low", "high"]].to_dict("index")
    uar, ccc, mae = (numbers.get(score) for score in IN_METRICS)
    if uar is None:
        return ""
    if uar["low"] == uar["high"]:
        return percent(uar["value"])
    spread = percent_spread(uar["low"], uar["high"])
    if ccc is None or mae is None:
        return f"{percent(uar['value'])} ({spread})"
    return f"{percent(uar['value'])} ({spread})\nCCC {fixed(ccc['value'], 2)} MAE {fixed(mae['value'], 2)}"


def _published(row: Published, task: str) -> str:
    if task not in row.uar:
        return ""
    return f"{row.uar[task][1]:.1f}{' *' if task in row.significant else ''}"
