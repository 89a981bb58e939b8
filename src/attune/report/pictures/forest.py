"""Forest plots: one row per item, with a mark at its value and a bar over its interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Literal, NamedTuple

from markupsafe import Markup

from attune.numbers import Score, percent
from attune.report.pictures import svg

Kind = Literal["ours", "plain", "published"]

WIDTH, HEADING, AXIS = 350.0, 26.0, 34.0


STEPS = (0.1, 0.2, 0.5, 1.0)
_TINY = 1e-9  # of a step: 0.3 / 0.1 is not quite 3


class Geometry(NamedTuple):
    """Layout of a row: its height, positions of label and mark in it, left and right limits of the marks, and the
    maximum number of label characters and axis steps."""

    row: float
    label: float
    mark: float
    left: float
    right: float
    letters: int
    ticks: int


STACKED = Geometry(row=36, label=13, mark=25, left=10, right=340, letters=38, ticks=8)
"""Labels above the marks: room for long labels and intervals in text."""

BESIDE = Geometry(row=22, label=15, mark=11, left=112, right=300, letters=17, ticks=5)
"""Labels beside the marks: many rows in little space."""


@dataclass(frozen=True)
class Row:
    """A row; `kind` is its style: ours (coloured), plain (grey: a reference), published (hollow);
    `hue` is a CSS class that colours it."""

    label: str
    score: Score
    shown: str
    kind: Kind = "ours"
    hue: str = ""


@dataclass(frozen=True)
class Block:
    """Rows under a heading."""

    heading: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Axis:
    """The axis of the values, with one reference line such as chance."""

    domain: tuple[float, float]
    step: float
    unit: str
    scale: float = 1.0
    reference: float | None = None
    reference_label: str = ""


def span(blocks: Sequence[Block], include: float, geometry: Geometry = STACKED) -> tuple[tuple[float, float], float]:
    """Return the smallest domain that shows every value, every interval and `include`, and its tick step."""
    edges = [include]
    for block in blocks:
        for row in block.rows:
            edges += [edge for edge in row.score[:3] if edge is not None]
    for step in STEPS:
        low, high = floor(min(edges) / step + _TINY), ceil(max(edges) / step - _TINY)
        if high - low <= geometry.ticks:
            break
    return (low * step, max(high, low + 1) * step), step


def uar_axis(blocks: Sequence[Block], chance: float, geometry: Geometry = STACKED) -> Axis:
    """Return an axis of UAR in percent that covers these blocks and chance."""
    return Axis(*span(blocks, chance, geometry), "UAR, %", 100, chance, f"chance {percent(chance)}")


def plot(label: str, blocks: Sequence[Block], axis: Axis, hue: str = "", geometry: Geometry = STACKED) -> Markup:
    """Draw blocks of rows on one axis.

    Args:
        label: text for screen readers.
        hue: CSS class, a task's name, that colours rows of kind ``ours`` without a hue of their own.
    """
    x = svg.linear(axis.domain, (geometry.left, geometry.right))
    drawn: list[str] = []
    y = 0.0
    for block in blocks:
        if block.heading:
            drawn.append(svg.text(0, y + 17, block.heading, "heading"))
            y += HEADING
        for row in block.rows:
            drawn.append(_row(row, x, y, geometry))
            y += geometry.row
    frame = _frame(axis, x, y)
    return svg.figure(label, WIDTH, y + AXIS, *frame, *drawn, class_=f"plot forest {hue}".rstrip())


def _row(row: Row, x: svg.Scale, y: float, geometry: Geometry) -> Markup:
    middle = y + geometry.mark
    value, low, high = row.score[:3]
    parts = [
        svg.text(0, y + geometry.label, svg.cut(row.label, geometry.letters), "label"),
        svg.text(WIDTH, y + geometry.label, row.shown, "number", "end"),
    ]
    if low is not None and high is not None and high > low:
        parts.append(svg.line(x(low), middle, x(high), middle, "interval"))
    parts.append(svg.tag("circle", cx=x(value), cy=middle, r=4.5, class_="mark"))
    return svg.tag("g", *parts, class_=f"{row.kind} {row.hue}".rstrip())


def _frame(axis: Axis, x: svg.Scale, bottom: float) -> list[str]:
    low, high = axis.domain
    ticks = [low + i * axis.step for i in range(round((high - low) / axis.step) + 1)]
    parts: list[str] = []
    for tick in ticks:
        parts.append(svg.line(x(tick), 4, x(tick), bottom, "grid"))
        parts.append(svg.text(x(tick), bottom + 14, _tick(tick * axis.scale), "tick", "middle"))
    parts.append(svg.text(WIDTH, bottom + 30, axis.unit, "tick", "end"))
    if axis.reference is not None:
        parts.append(svg.line(x(axis.reference), 4, x(axis.reference), bottom, "reference"))
        parts.append(svg.text(x(low) - 6, bottom + 30, axis.reference_label, "tick"))
    return parts


def _tick(value: float) -> str:
    rounded = round(value, 6)
    return f"{rounded:g}".replace("-", "\u2212")
