"""Reliability diagrams: accuracy of predictions by confidence."""

import pandas as pd
from markupsafe import Markup

from attune.numbers import percentage
from attune.report.contents import title
from attune.report.pictures import svg

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 350.0, 262.0, 40.0, 340.0, 14.0, 214.0
LARGEST = 6.0
"""Radius of the mark of the largest bin."""

KINDS = {"as trained": "trained", "with temperature": "tempered"}
"""Kinds of predictions and their CSS classes."""


def plot(table: pd.DataFrame, task: str) -> Markup:
    """Draw one task.

    Args:
        table: ``predictions, n, confidence, accuracy, low, high`` for every non-empty bin.
    """
    x, y = svg.linear((0, 1), (LEFT, RIGHT)), svg.linear((0, 1), (BOTTOM, TOP))
    parts = [*_frame(x, y)]
    for kind, name in KINDS.items():
        rows = table[table["predictions"] == kind].sort_values("confidence").to_dict("records")
        points = [(x(row["confidence"]), y(row["accuracy"])) for row in rows]
        parts.append(svg.path(points, f"curve {name}"))
        fullest = max((row["n"] for row in rows), default=1)
        for row, (at, height) in zip(rows, points, strict=True):
            if name == "trained":
                parts.append(svg.line(at, y(row["low"]), at, y(row["high"]), "interval"))
                radius = max(1.5, LARGEST * (row["n"] / fullest) ** 0.5)
                parts.append(svg.tag("circle", cx=at, cy=height, r=radius, class_="mark"))
    parts.append(svg.text(RIGHT, HEIGHT - 10, "confidence, %", "tick", "end"))
    turned = f"translate(10 {TOP + 74:g}) rotate(-90)"
    parts.append(svg.tag("text", "right, %", x=0, y=0, class_="tick", transform=turned))
    return svg.figure(_spoken(table, task), WIDTH, HEIGHT, *parts, class_=f"plot reliability {task}")


def _frame(x: svg.Scale, y: svg.Scale) -> list[Markup]:
    parts = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(svg.line(x(tick), TOP, x(tick), BOTTOM, "grid"))
        parts.append(svg.line(LEFT, y(tick), RIGHT, y(tick), "grid"))
        parts.append(svg.text(x(tick), BOTTOM + 16, f"{100 * tick:.0f}", "tick", "middle"))
        parts.append(svg.text(LEFT - 6, y(tick) + 4, f"{100 * tick:.0f}", "tick", "end"))
    parts.append(svg.line(x(0), y(0), x(1), y(1), "reference"))
    return parts


def _spoken(table: pd.DataFrame, task: str) -> str:
    own = table[table["predictions"] == "as trained"].sort_values("confidence")
    told = "; ".join(
        f"{percentage(row['confidence'], 0)} confident, {percentage(row['accuracy'], 0)} correct, n {row['n']}"
        for row in own.to_dict("records")
    )
    return f"Reliability for {title(task)}: {told}."
