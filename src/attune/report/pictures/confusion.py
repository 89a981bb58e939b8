"""Confusion matrices: counts in the cells, coloured by the share of the row (its diagonal is the recall)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd
from markupsafe import Markup

from attune.numbers import count
from attune.report.contents import Contents, title
from attune.report.pictures import svg

LEFT, TOP, GAP = 70.0, 46.0, 3.0
LETTER, LINE = 7.0, 15.0
"""Width of a letter of a class name, and height of a line."""

MOST_LETTERS = 16
"""Longer names of rows are cut."""


class Size(NamedTuple):
    """Width and height of a cell, letters of a column's name, and lines over which these names are spread."""

    width: float
    height: float
    letters: int
    lines: int


LARGE, SMALL = Size(92.0, 68.0, 13, 1), Size(56.0, 46.0, 12, 2)
"""Pictures are scaled to one width: cells that stayed large would make the text of many classes too small to read."""

MOST_LARGE = 4


def section(contents: Contents) -> list[dict[str, object]]:
    """Return per system a picture for each task."""
    classes = contents.run.classes
    heard = contents.tested[contents.tested["utterance"].isin([one.utterance for one in contents.examples])]
    return [
        {
            "system": system,
            "plots": [
                plot(contents.confusion[system][task], task, names, system, _shown(heard, system, task))
                for task, names in classes.items()
            ],
        }
        for system in contents.run.systems
        if system in contents.confusion
    ]


def _shown(heard: pd.DataFrame, system: str, task: str) -> Counter[tuple[int, int]]:
    """Count the utterances of each cell that are on the page."""
    own = heard[(heard["system"] == system) & (heard["task"] == task)]
    return Counter(zip(own["actual"].astype(int), own["predicted"].astype(int), strict=True))


def plot(
    counts: Sequence[Sequence[int]],
    task: str,
    classes: Sequence[str],
    system: str = "",
    shown: Mapping[tuple[int, int], int] = MappingProxyType({}),
) -> Markup:
    """Draw a matrix.

    Args:
        counts: a row for each rated class, a column for each predicted one.
        classes: class names.
        system: the system that made the predictions.
        shown: number of utterances on the page by cell (rated, predicted): such a cell opens them when clicked.
    """
    size = LARGE if len(classes) <= MOST_LARGE else SMALL
    left, top = max(LEFT, LETTER * min(MOST_LETTERS, max(map(len, classes)))), TOP + LINE * (size.lines - 1)
    width, height = left + len(classes) * size.width, top + len(classes) * size.height
    parts = [
        svg.text((left + width) / 2, 14, "predicted", "tick", "middle"),
        svg.text(0, 14, "rated", "tick"),
        *(
            svg.text(
                left + (i + 0.5) * size.width,
                top - 10 - LINE * (i % size.lines),
                svg.cut(one, size.letters),
                "label",
                "middle",
            )
            for i, one in enumerate(classes)
        ),
    ]
    for i, row in enumerate(counts):
        parts.append(svg.text(0, top + (i + 0.5) * size.height + 4, svg.cut(classes[i], MOST_LETTERS), "label"))
        for j, number in enumerate(row):
            corner = left + j * size.width, top + i * size.height
            drawn = _cell(corner, int(number), sum(row), size, diagonal=i == j)
            there = shown.get((i, j), 0)
            parts.append(_opening(drawn, (i, j), f"{there} of {number}", task, classes, system) if there else drawn)
    beyond = max(0.0, LETTER * size.letters - size.width) / 2
    return svg.figure(
        _spoken(counts, task, classes),
        width + beyond,
        height,
        *parts,
        class_=f"plot confusion {task}",
        opens=bool(shown),
    )


def _opening(
    drawn: Markup, cell: tuple[int, int], there: str, task: str, classes: Sequence[str], system: str
) -> Markup:
    rated, predicted = (classes[number] for number in cell)
    label = f"Listen to {there} utterances rated {rated} and predicted {predicted} for {title(task).lower()}"
    return svg.opening(
        "g",
        svg.tag("title", label),
        drawn,
        label=label,
        data_system=system,
        data_task=task,
        data_actual=cell[0],
        data_predicted=cell[1],
    )


def _cell(corner: tuple[float, float], number: int, total: int, size: Size, *, diagonal: bool) -> Markup:
    share = number / total if total else 0.0
    x, y = corner
    middle = x + size.width / 2
    box = {"width": size.width - GAP, "height": size.height - GAP, "x": x + GAP / 2, "y": y + GAP / 2, "rx": 3}
    return svg.tag(
        "g",
        svg.tag("rect", **box, class_="cell-ground"),
        svg.tag("rect", **box, class_="cell", fill_opacity=share),
        svg.text(middle, y + size.height / 2, count(number), "count", "middle"),
        svg.text(middle, y + size.height / 2 + 17, f"{100 * share:.0f} %" if total else "", "tick", "middle"),
        class_="diagonal" if diagonal else None,
    )


def _spoken(counts: Sequence[Sequence[int]], task: str, classes: Sequence[str]) -> str:
    rows = [
        f"of {sum(row)} rated {classes[i]}, "
        + ", ".join(f"{number} predicted {name}" for number, name in zip(row, classes, strict=True))
        for i, row in enumerate(counts)
    ]
    return f"Confusion matrix for {title(task).lower()}: " + "; ".join(rows) + "."
