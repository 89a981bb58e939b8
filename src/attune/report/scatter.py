"""Predicted against rated, on the 1 to 5 scale, as bubbles: a corpus of any size gives a picture of bounded size."""

import numpy as np
import pandas as pd
from markupsafe import Markup

from attune.numbers import Score, fixed, spread
from attune.report import svg
from attune.report.material import Material

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 350.0, 340.0, 34.0, 8.0, 300.0
RATING_STEP, SCORE_STEP = 0.25, 0.2
LARGEST = 9.0
"""Radius of the fullest bubble."""


def section(material: Material) -> list[dict[str, object]]:
    """Per system, a picture for each task."""
    return [
        {"system": system, "plots": [_task(material, system, task) for task in material.run.tasks]}
        for system in material.run.systems
    ]


def _task(material: Material, system: str, task: str) -> Markup:
    rows = material.tested
    rows = rows[(rows["system"] == system) & (rows["task"] == task)]
    heard = rows[rows["utterance"].isin([one.utterance for one in material.examples])]
    return plot(rows, task, material.scores.score(system, task, "ccc"), heard)


def plot(rows: pd.DataFrame, task: str, ccc: Score | None, heard: pd.DataFrame | None = None) -> Markup:
    """Draw one task.

    Args:
        rows: with ``rating`` and ``score`` on 1 to 5.
        heard: those of them that are on the page, with ``system`` and ``utterance``: points that open them.
    """
    x = svg.linear((1, 5), (LEFT + 10, WIDTH - 10))
    y = svg.linear((1, 5), (BOTTOM - 10, TOP + 10))
    caption = "" if ccc is None else f"CCC {fixed(ccc.value, 2)}"
    interval = "" if ccc is None else spread(ccc.low, ccc.high, 2)
    spoken = f"Predicted score against rating for {task}, {len(rows)} test utterances. {caption} {interval}".strip()
    return svg.figure(
        f"{spoken}.",
        WIDTH,
        HEIGHT,
        *_frame(x, y),
        *_bubbles(rows, x, y),
        _means(rows, x, y),
        svg.text(WIDTH - 14, BOTTOM - 14, f"{caption}  ({interval})" if interval else caption, "number", "end"),
        *_points(heard, x, y),
        class_=f"plot scatter {task}",
        opens=heard is not None and len(heard) > 0,
    )


def _frame(x: svg.Scale, y: svg.Scale) -> list[str]:
    parts: list[str] = []
    for tick in range(1, 6):
        parts.append(svg.line(x(tick), TOP, x(tick), BOTTOM, "grid"))
        parts.append(svg.line(LEFT, y(tick), WIDTH, y(tick), "grid"))
        parts.append(svg.text(x(tick), BOTTOM + 16, str(tick), "tick", "middle"))
        parts.append(svg.text(LEFT - 10, y(tick) + 4, str(tick), "tick", "middle"))
    parts.append(svg.line(x(1), y(1), x(5), y(5), "reference"))
    parts.append(svg.text(WIDTH - 4, BOTTOM + 34, "rating", "tick", "end"))
    parts.append(
        svg.tag("text", "predicted", x=0, y=0, class_="tick", transform=f"translate(10 {TOP + 60:g}) rotate(-90)")
    )
    return parts


def _bubbles(rows: pd.DataFrame, x: svg.Scale, y: svg.Scale) -> list[Markup]:
    """A path per bubble size, each bubble a zero-length stroke with round ends: a few bytes apiece."""
    cells = pd.DataFrame(
        {"rating": _grid(rows["rating"], RATING_STEP), "score": _grid(rows["score"], SCORE_STEP)}
    ).value_counts(sort=False)
    largest = cells.max() if len(cells) else 1
    unit = min(2.6, LARGEST / np.sqrt(largest))
    paths = []
    for number, group in cells.groupby(cells):
        steps = "".join(f"M{x(rating):.1f} {y(score):.1f}h0" for rating, score in sorted(group.index))
        paths.append(
            svg.tag("path", d=steps, class_="bubble", stroke_width=float(2 * unit * np.sqrt(float(str(number)))))
        )
    return paths


def _points(heard: pd.DataFrame | None, x: svg.Scale, y: svg.Scale) -> list[Markup]:
    if heard is None:
        return []
    return [
        svg.opening(
            "circle",
            svg.tag("title", str(row["utterance"])),
            cx=x(_inside(row["rating"])),
            cy=y(_inside(row["score"])),
            r=4.5,
            class_="point",
            data_system=str(row["system"]),
            data_utterance=str(row["utterance"]),
            label=f"Listen to {row['utterance']}: rated {fixed(row['rating'], 2)}, predicted {fixed(row['score'], 2)}",
        )
        for row in heard.sort_values(["rating", "score", "utterance"]).to_dict("records")
    ]


def _inside(value: float) -> float:
    return min(max(float(value), 1.0), 5.0)


def _means(rows: pd.DataFrame, x: svg.Scale, y: svg.Scale) -> Markup:
    """The mean prediction at each half point of rating."""
    means = rows["score"].groupby(_grid(rows["rating"], 0.5)).mean().sort_index()
    return svg.path([(x(float(str(rating))), y(float(mean))) for rating, mean in means.items()], "mean")


def _grid(values: "pd.Series[float]", step: float) -> "pd.Series[float]":
    return (values.clip(1, 5) / step).round() * step
