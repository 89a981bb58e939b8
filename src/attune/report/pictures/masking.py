"""Masking curves: the drop in the predicted class's probability as a part of the sound, or all but it, is removed."""

from collections.abc import Mapping, Sequence
from math import ceil, floor
from typing import Any

from markupsafe import Markup

from attune.numbers import fixed, percentage
from attune.report.contents import title
from attune.report.pictures import svg

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 350.0, 250.0, 40.0, 340.0, 14.0, 206.0
WIDEST = 0.5
"""The largest share of the sound in a picture."""

TITLES = {"removed": "Removed", "only": "Left alone"}

LEGEND = {
    "attention": "strongest attention",
    "contribution": "strongest contribution",
    "random-windows": "random windows",
    "random-block": "random block",
    "loudest": "loudest",
    "quietest": "quietest",
    "cue": "the cue",
}

Curves = Mapping[str, Mapping[str, Sequence[Sequence[float]]]]
"""order -> mode -> points of share and drop."""


def plot(curves: Curves, mode: str, task: str, span: tuple[float, float]) -> Markup:
    """Draw one task.

    Args:
        mode: ``removed`` or ``only``.
        span: lowest and highest drop, the same for all tasks.
    """
    x = svg.linear((0, WIDEST), (LEFT + 6, RIGHT - 6))
    y = svg.linear(span, (BOTTOM, TOP))
    parts = [*_frame(x, y, span)]
    for order, by_mode in curves.items():
        name, points = order.replace(" ", "-"), by_mode.get(mode, [])
        if order == "cue":
            parts += [svg.tag("circle", cx=x(share), cy=y(drop), r=5.0, class_="cue-mark") for share, drop in points]
        else:
            start = [(x(0), y(0))] if mode == "removed" else []
            parts.append(svg.path([*start, *((x(share), y(drop)) for share, drop in points)], f"curve {name}"))
    label = "share of the sound removed, %" if mode == "removed" else "share of the sound left, %"
    parts.append(svg.text(RIGHT, HEIGHT - 8, label, "tick", "end"))
    return svg.figure(_spoken(curves, mode, task), WIDTH, HEIGHT, *parts, class_=f"plot masking {task}")


def span(curves: Sequence[Curves]) -> tuple[float, float]:
    """Return the lowest and highest drop of all tasks, including zero, rounded outwards to tenths."""
    lines = [points for one in curves for modes in one.values() for points in modes.values()]
    drops = [0.0, *(drop for points in lines for _, drop in points)]
    return floor(min(drops) * 10) / 10, max(ceil(max(drops) * 10), 1) / 10


def legend(probed: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, str]:
    """Return the labels of all lines that occur; keys are their CSS classes."""
    drawn = {order.replace(" ", "-") for tasks in probed.values() for own in tasks.values() for order in own["curves"]}
    return {name: told for name, told in LEGEND.items() if name in drawn}


def _frame(x: svg.Scale, y: svg.Scale, span: tuple[float, float]) -> list[Markup]:
    parts = []
    for share in (0.0, 0.1, 0.3, 0.5):
        parts.append(svg.line(x(share), TOP, x(share), BOTTOM, "grid"))
        parts.append(svg.text(x(share), BOTTOM + 16, f"{100 * share:.0f}", "tick", "middle"))
    step = 0.1 if span[1] - span[0] <= 0.6 else 0.2
    for i in range(round((span[1] - span[0]) / step) + 1):
        drop = span[0] + i * step
        parts.append(svg.line(LEFT, y(drop), RIGHT, y(drop), "grid"))
        parts.append(svg.text(LEFT - 6, y(drop) + 4, fixed(100 * drop, 0), "tick", "end"))
    return parts


def _spoken(curves: Curves, mode: str, task: str) -> str:
    told = "; ".join(
        f"{order} " + ", ".join(f"{percentage(drop)} at {percentage(share, 0)}" for share, drop in modes.get(mode, []))
        for order, modes in curves.items()
    )
    return f"Loss of probability for {title(task)}, sound {TITLES[mode].lower()}: {told}."


def pictures(by_task: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return both rows of pictures of a system from its probing results by task; empty if no sound was masked."""
    curves = {task: own["curves"] for task, own in by_task.items() if own.get("curves")}
    if not curves:
        return []
    limits = span(list(curves.values()))
    return [
        {"title": TITLES[mode], "plots": {task: plot(own, mode, task, limits) for task, own in curves.items()}}
        for mode in TITLES
    ]
