"""Bubble plot of predicted against rated values on the corpus's own scale; its size is bounded for any corpus."""

import numpy as np
import pandas as pd
from markupsafe import Markup

from attune.numbers import Score, fixed, spread
from attune.report.contents import Contents
from attune.report.pictures import svg

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 350.0, 340.0, 34.0, 8.0, 300.0
RATING_STEP, SCORE_STEP, MEAN_STEP = 1 / 16, 1 / 20, 1 / 8
"""Shares of the scale: grid steps of ratings and scores, and of the ratings at which the mean is drawn."""

MOST_TICKS = 11
LARGEST = 9.0
"""Radius of the largest bubble."""


def section(contents: Contents) -> list[dict[str, object]]:
    """Return per system a picture for each rated task; empty if there are only categories."""
    rated = contents.run.scales
    return [
        {"system": system, "plots": [_task(contents, system, task) for task in rated]}
        for system in contents.run.systems
        if rated
    ]


def _task(contents: Contents, system: str, task: str) -> Markup:
    rows = contents.tested
    rows = rows[(rows["system"] == system) & (rows["task"] == task)]
    heard = rows[rows["utterance"].isin([one.utterance for one in contents.examples])]
    return plot(rows, task, contents.scores.score(system, task, "ccc"), contents.run.scales[task], heard)


def plot(
    rows: pd.DataFrame, task: str, ccc: Score | None, scale: tuple[float, float], heard: pd.DataFrame | None = None
) -> Markup:
    """Draw one task.

    Args:
        rows: with ``rating`` and ``score``.
        scale: the lowest and the highest rating.
        heard: the rows that are on the page, with ``system`` and ``utterance``: drawn as points that open them.
    """
    x = svg.linear(scale, (LEFT + 10, WIDTH - 10))
    y = svg.linear(scale, (BOTTOM - 10, TOP + 10))
    caption = "" if ccc is None else f"CCC {fixed(ccc.value, 2)}"
    interval = "" if ccc is None else spread(ccc.low, ccc.high, 2)
    spoken = f"Predicted score against rating for {task}, {len(rows)} test utterances. {caption} {interval}".strip()
    return svg.figure(
        f"{spoken}.",
        WIDTH,
        HEIGHT,
        *_frame(x, y, scale),
        *_bubbles(rows, x, y, scale),
        _means(rows, x, y, scale),
        svg.text(WIDTH - 14, BOTTOM - 14, f"{caption}  ({interval})" if interval else caption, "number", "end"),
        *_points(heard, x, y, scale),
        class_=f"plot scatter {task}",
        opens=heard is not None and len(heard) > 0,
    )


def _ticks(low: float, high: float) -> list[float]:
    """Return whole numbers if the scale has only a few, else its quarters."""
    whole = low == round(low) and high == round(high) and high - low < MOST_TICKS
    ticks: list[float] = np.linspace(low, high, round(high - low) + 1 if whole else 5).tolist()
    return ticks


def _frame(x: svg.Scale, y: svg.Scale, scale: tuple[float, float]) -> list[str]:
    low, high = scale
    parts: list[str] = []
    for tick in _ticks(low, high):
        parts.append(svg.line(x(tick), TOP, x(tick), BOTTOM, "grid"))
        parts.append(svg.line(LEFT, y(tick), WIDTH, y(tick), "grid"))
        parts.append(svg.text(x(tick), BOTTOM + 16, f"{tick:g}", "tick", "middle"))
        parts.append(svg.text(LEFT - 10, y(tick) + 4, f"{tick:g}", "tick", "middle"))
    parts.append(svg.line(x(low), y(low), x(high), y(high), "reference"))
    parts.append(svg.text(WIDTH - 4, BOTTOM + 34, "rating", "tick", "end"))
    parts.append(
        svg.tag("text", "predicted", x=0, y=0, class_="tick", transform=f"translate(10 {TOP + 60:g}) rotate(-90)")
    )
    return parts


def _bubbles(rows: pd.DataFrame, x: svg.Scale, y: svg.Scale, scale: tuple[float, float]) -> list[Markup]:
    """Return a path per bubble size, each bubble a zero-length stroke with round ends: a few bytes apiece."""
    cells = pd.DataFrame(
        {"rating": _grid(rows["rating"], RATING_STEP, scale), "score": _grid(rows["score"], SCORE_STEP, scale)}
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


def _points(heard: pd.DataFrame | None, x: svg.Scale, y: svg.Scale, scale: tuple[float, float]) -> list[Markup]:
    if heard is None:
        return []
    return [
        svg.opening(
            "circle",
            svg.tag("title", str(row["utterance"])),
            cx=x(_inside(row["rating"], scale)),
            cy=y(_inside(row["score"], scale)),
            r=4.5,
            class_="point",
            data_system=str(row["system"]),
            data_utterance=str(row["utterance"]),
            label=f"Listen to {row['utterance']}: rated {fixed(row['rating'], 2)}, predicted {fixed(row['score'], 2)}",
        )
        for row in heard.sort_values(["rating", "score", "utterance"]).to_dict("records")
    ]


def _inside(value: float, scale: tuple[float, float]) -> float:
    return min(max(float(value), scale[0]), scale[1])


def _means(rows: pd.DataFrame, x: svg.Scale, y: svg.Scale, scale: tuple[float, float]) -> Markup:
    """Draw the mean prediction at each eighth of the scale: at each half point from 1 to 5."""
    means = rows["score"].groupby(_grid(rows["rating"], MEAN_STEP, scale)).mean().sort_index()
    return svg.path([(x(float(str(rating))), y(float(mean))) for rating, mean in means.items()], "mean")


def _grid(values: "pd.Series[float]", share: float, scale: tuple[float, float]) -> "pd.Series[float]":
    low, high = scale
    step = share * (high - low)
    return low + ((values.clip(low, high) - low) / step).round() * step
