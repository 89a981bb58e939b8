"""Learning curves: UAR by the number of training utterances."""

from typing import Any

import pandas as pd
from markupsafe import Markup

from attune.numbers import count, percent
from attune.report.contents import spoken
from attune.report.pictures import svg

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 350.0, 222.0, 40.0, 336.0, 14.0, 174.0


def plot(table: pd.DataFrame, task: str, chance: float) -> Markup:
    """Draw one task.

    Args:
        table: ``training, value, low, high`` for every share.
        chance: UAR of guessing.
    """
    rows = table.sort_values("training").to_dict("records")
    x = svg.linear((0, rows[-1]["training"]), (LEFT, RIGHT - 8))
    y = svg.linear((0, 1), (BOTTOM, TOP))
    parts: list[Markup] = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(svg.line(LEFT, y(share), RIGHT, y(share), "grid"))
        parts.append(svg.text(LEFT - 6, y(share) + 4, f"{100 * share:.0f}", "tick", "end"))
    parts.append(svg.line(LEFT, y(chance), RIGHT, y(chance), "reference"))
    parts.append(svg.path([(x(row["training"]), y(row["value"])) for row in rows], "curve"))
    for row in rows:
        at = x(row["training"])
        parts.append(svg.line(at, y(row["low"]), at, y(row["high"]), "interval"))
        parts.append(svg.tag("circle", cx=at, cy=y(row["value"]), r=4.5, class_="mark"))
        parts.append(svg.text(at, BOTTOM + 16, count(round(row["training"])), "tick", "middle"))
    parts.append(svg.text(RIGHT, HEIGHT - 12, "training utterances", "tick", "end"))
    parts.append(svg.text(LEFT, HEIGHT - 12, "UAR, %", "tick"))
    return svg.figure(_spoken(rows, task), WIDTH, HEIGHT, *parts, class_=f"plot learning {task}")


def _spoken(rows: list[dict[Any, Any]], task: str) -> str:
    told = "; ".join(f"{count(round(row['training']))} utterances, {percent(row['value'])}" for row in rows)
    return f"UAR for {spoken(task)} by training utterances, percent: {told}."
