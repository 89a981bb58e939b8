"""Training curves: per fold, training and development loss, and development UAR of each task.

A support vector machine has values of C instead of epochs.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import pandas as pd
from markupsafe import Markup

from attune.artifacts.history import COSTS
from attune.numbers import fixed, percent
from attune.report.contents import Contents
from attune.report.pictures import svg

WIDTH, LEFT, RIGHT = 180.0, 28.0, 176.0
LOSS, UAR = (32.0, 98.0), (130.0, 216.0)
"""Top and bottom of the two parts of a picture."""

LETTERS = 25
"""Longest title in characters; longer ones are cut."""

LOWEST = 0.2
"""UAR at the bottom of the axis."""


def section(contents: Contents) -> list[dict[str, object]]:
    """Return per system a picture for each fold and network."""
    return [
        {"system": system, "plots": _system(contents, system)}
        for system in contents.run.systems
        if any(key[0] == system and len(table) for key, table in contents.histories.items())
    ]


def _system(contents: Contents, system: str) -> list[Markup]:
    histories = {fold: table for (name, fold), table in contents.histories.items() if name == system}
    top = max(float(table[["train_loss", "development_loss"]].max().max()) for table in histories.values())
    run = contents.run
    chances, along = {task: run.chance(task) for task in run.tasks}, _along(contents, system)
    return [
        plot(network, _title(fold, str(name), table), top, chances, along)
        for fold, table in histories.items()
        for name, network in table.groupby("network", sort=False)
    ]


class Along(NamedTuple):
    """The horizontal axis of the curves: its name, and how to format its values."""

    name: str
    shown: Callable[[float], str]


EPOCHS = Along("epoch", lambda epoch: f"{epoch:.0f}")
OF_COSTS = Along("C", lambda number: f"{COSTS[int(number) - 1]:.3g}")


def _along(contents: Contents, system: str) -> Along:
    about = next(model for (name, _), model in contents.models.items() if name == system)
    return OF_COSTS if "functionals" in about.get("architecture", {}) else EPOCHS


def _title(fold: str, network: str, table: pd.DataFrame) -> str:
    return f"{fold}, {network}" if table["network"].nunique() > 1 else fold


def plot(
    history: pd.DataFrame, title: str, highest_loss: float, chances: Mapping[str, float], along: Along = EPOCHS
) -> Markup:
    """Draw one network's history.

    Args:
        history: one row per epoch: epoch, train_loss, development_loss, development_uar and one column per task, NaN
            for tasks that this network does not have.
        chances: UAR of guessing, by task.
    """
    epochs = (float(history["epoch"].min()), float(history["epoch"].max()))
    x = svg.linear(epochs if epochs[0] < epochs[1] else (epochs[0] - 1, epochs[1] + 1), (LEFT + 6, RIGHT - 6))
    best = history.iloc[int(history["development_uar"].to_numpy().argmax())]
    parts: list[str] = [svg.text(0, 10, svg.cut(title, LETTERS), "heading")]
    parts.append(svg.line(x(best["epoch"]), LOSS[0], x(best["epoch"]), UAR[1], "best"))
    parts += _loss(history, x, highest_loss)
    parts += _uar(history, x, best, chances)
    first, last, kept = (along.shown(number) for number in (*epochs, best["epoch"]))
    parts.append(svg.text(LEFT, UAR[1] + 16, f"{along.name} {first}", "tick"))
    parts.append(svg.text(RIGHT, UAR[1] + 16, last, "tick", "end"))
    spoken = (
        f"Training of {title}: best mean development UAR {percent(best['development_uar'])} percent at {along.name} "
        f"{kept} of {first} to {last}, development loss then {fixed(best['development_loss'], 2)}."
    )
    return svg.figure(spoken, WIDTH, UAR[1] + 22, *parts, class_="plot curves")


def _loss(history: pd.DataFrame, x: svg.Scale, highest: float) -> list[str]:
    y = svg.linear((0, highest), (LOSS[1], LOSS[0]))
    return [
        svg.line(LEFT, LOSS[1], RIGHT, LOSS[1], "grid"),
        svg.text(LEFT - 6, LOSS[1] + 4, "0", "tick", "end"),
        svg.text(LEFT - 6, LOSS[0] + 8, fixed(highest, 1), "tick", "end"),
        svg.text(RIGHT, LOSS[0] - 6, "loss", "tick", "end"),
        _curve(history, "train_loss", "training", x, y),
        _curve(history, "development_loss", "development", x, y),
    ]


def _uar(history: pd.DataFrame, x: svg.Scale, best: "pd.Series[float]", chances: Mapping[str, float]) -> list[str]:
    y = svg.linear((LOWEST, 1.0), (UAR[1], UAR[0]))
    ticks = [
        part
        for share in (LOWEST, 0.6, 1.0)
        for part in (
            svg.line(LEFT, y(share), RIGHT, y(share), "grid"),
            svg.text(LEFT - 6, y(share) + 4, f"{100 * share:.0f}", "tick", "end"),
        )
    ]
    curves = [
        _curve(history, f"development_uar_{task}", f"task {task}", x, y)
        for task in chances
        if history[f"development_uar_{task}"].notna().any()
    ]
    chance = [svg.line(LEFT, y(one), RIGHT, y(one), "reference") for one in sorted(set(chances.values()))]
    mark = svg.tag("circle", cx=x(best["epoch"]), cy=y(best["development_uar"]), r=3.5, class_="best-mark")
    return [*ticks, svg.text(RIGHT, UAR[0] - 6, "development UAR, %", "tick", "end"), *chance, *curves, mark]


def _curve(history: pd.DataFrame, column: str, class_: str, x: svg.Scale, y: svg.Scale) -> Markup:
    rows = history.dropna(subset=[column])
    return svg.path([(x(e), y(v)) for e, v in zip(rows["epoch"], rows[column], strict=True)], f"curve {class_}")
