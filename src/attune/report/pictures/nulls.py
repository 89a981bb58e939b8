"""Plot a test's null distribution (the mean if only position mattered) with the observed mean."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from attune.numbers import Score, fixed, percent, percentage
from attune.report.contents import title
from attune.report.pictures import svg

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 350.0, 118.0, 6.0, 344.0, 24.0, 84.0


def plot(null: Mapping[str, Any], found: Score, task: str, what: str, *, share: bool) -> Markup:
    """Draw a histogram with a line at the observed mean.

    Args:
        null: ``low, high, counts`` of equally wide bars.
        found: the observed mean.
        what: name of the measure, for the axis and screen readers.
        share: whether values are shares, shown in percent.
    """
    shown = percent if share else _two
    low, high = min(null["low"], found.value), max(null["high"], found.value)
    room = 0.04 * (high - low) or 0.01
    x = svg.linear((low - room, high + room), (LEFT, RIGHT))
    y = svg.linear((0, max(null["counts"])), (BOTTOM, TOP + 6))
    width = (null["high"] - null["low"]) / len(null["counts"])
    bars = [
        svg.tag(
            "rect",
            x=x(null["low"] + i * width),
            y=y(count),
            width=x(width) - x(0.0) - 0.5,
            height=BOTTOM - y(count),
            class_="null-bar",
        )
        for i, count in enumerate(null["counts"])
        if count
    ]
    at = x(found.value)
    anchor = "start" if at < LEFT + 70 else "end" if at > RIGHT - 70 else "middle"
    parts = [
        *bars,
        svg.line(LEFT, BOTTOM, RIGHT, BOTTOM, "grid"),
        svg.line(at, TOP - 4, at, BOTTOM, "observed"),
        svg.text(at, TOP - 9, f"observed {shown(found.value)}", "number", anchor),
        svg.text(x(null["low"]), BOTTOM + 16, shown(null["low"]), "tick"),
        svg.text(x(null["high"]), BOTTOM + 16, shown(null["high"]), "tick", "end"),
        svg.text(RIGHT, HEIGHT - 2, f"{what}{', %' if share else ''}", "tick", "end"),
    ]
    said = percentage if share else _two
    spoken = (
        f"{title(task)}, {what}: observed {said(found.value)}; random exchange between utterances gives "
        f"{said(null['low'])} to {said(null['high'])}."
    )
    return svg.figure(spoken, WIDTH, HEIGHT, *parts, class_=f"plot null {task}")


def _two(value: float) -> str:
    return fixed(value, 2)
