"""Figures of the measures: a row of panels per system, a panel per task, each task always in the same colour."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from attune.attention.summary import Entry, Summary
from attune.numbers import percentage

COLOURS = {"arousal": "#d1495b", "valence": "#00798c", "dominance": "#edae49"}
FURTHER = ("#6a4c93", "#3a7d44", "#b5541c", "#3f6fb5", "#8a5a44", "#5c6670")
"""Colours of tasks with other names, in order."""

GREY, INK = "#9aa0a6", "#33373d"

STYLE: dict[Any, Any] = {
    "svg.hashsalt": "attune",  # without it, ids in the file are random
    "font.size": 9,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
}

Panel = Callable[[Axes, pd.DataFrame, dict[str, Entry], str], None]
"""Draws one task of one system, given axes, its utterances, their summary and the colour."""


def draw(folder: Path, table: pd.DataFrame, summaries: Mapping[str, Summary]) -> None:
    """Write one SVG per question into `folder`, the same bytes every time: entropy, energy, position and cue.

    Args:
        table: from `attune.attention.measures.measure`.
        summaries: from `attune.attention.summary.summarise`.
    """
    panels: dict[str, tuple[Panel, str]] = {
        "entropy": (
            partial(_entropy, lowest=_tenth_below(table["entropy"].min())),
            "number of utterances by normalised entropy: 1 is uniform, the line is the mean",
        ),
        "energy": (
            _energy,
            "number of utterances by rank correlation of attention and level; dotted: what position gives",
        ),
        "position": (_position, "number of utterances by where attention has its centre: 0 is the start, 1 the end"),
    }
    if any("cue_hit" in measures for summary in summaries.values() for measures in summary.values()):
        panels["cue"] = (_cue, "share of utterances where the strongest window is in the cue")
    with mpl.rc_context(STYLE):
        for name, (panel, label) in panels.items():
            _grid(table, summaries, panel, label).savefig(
                folder / f"{name}.svg", metadata={"Date": None, "Creator": None}
            )


def _tenth_below(value: float) -> float:
    """Round down to a tenth, at most 0.9, which NaN also gives."""
    return float(np.fmin(0.9, np.floor(10 * value) / 10))


def colours(tasks: Iterable[str]) -> dict[str, str]:
    """Return a colour for each task, always the same for the paper's three."""
    names = list(tasks)
    others = [name for name in names if name not in COLOURS]
    return {name: COLOURS.get(name) or FURTHER[others.index(name) % len(FURTHER)] for name in names}


def _grid(table: pd.DataFrame, summaries: Mapping[str, Summary], panel: Panel, label: str) -> Figure:
    hues = colours(next(iter(summaries.values())))
    figure = Figure(figsize=(9, 0.7 + 1.9 * len(summaries)), layout="constrained")
    grid = figure.subplots(len(summaries), len(hues), sharex=True, sharey="row", squeeze=False)
    for axes, (system, summary) in zip(grid, summaries.items(), strict=True):
        axes[0].set_ylabel(system)
        for ax, (task, colour) in zip(axes, hues.items(), strict=True):
            rows = table[(table["system"] == system) & (table["task"] == task)]
            panel(ax, rows, summary[task], colour)
    for ax, (task, colour) in zip(grid[0], hues.items(), strict=True):
        ax.set_title(task, color=colour, loc="left")
    figure.supxlabel(label, fontsize=9)
    return figure


def _entropy(ax: Axes, rows: pd.DataFrame, measures: dict[str, Entry], colour: str, *, lowest: float) -> None:
    _histogram(ax, rows["entropy"], (lowest, 1), colour)
    _mean(ax, measures.get("entropy"))


def _position(ax: Axes, rows: pd.DataFrame, measures: dict[str, Entry], colour: str) -> None:
    _histogram(ax, rows["position"], (0, 1), colour)
    ax.axvline(0.5, color=GREY, linewidth=1, linestyle=":")
    _mean(ax, measures.get("position"))


def _energy(ax: Axes, rows: pd.DataFrame, measures: dict[str, Entry], colour: str) -> None:
    if "energy_correlation" in rows:
        _histogram(ax, rows["energy_correlation"], (-1, 1), colour)
    expected = measures.get("energy_correlation_expected")
    if expected is not None:
        ax.axvline(expected["value"], color=GREY, linewidth=1.5, linestyle=":")
    _mean(ax, measures.get("energy_correlation"))


def _cue(ax: Axes, rows: pd.DataFrame, measures: dict[str, Entry], colour: str) -> None:
    labels = {"cue_hit": "attention", "cue_hit_expected": "by position", "loudest_hit": "loudest window"}
    names = {name: label for name, label in labels.items() if name in measures}
    for y, name in enumerate(names):
        entry, own = measures[name], colour if name == "cue_hit" else GREY
        ax.plot([entry["low"], entry["high"]], [y, y], color=own, linewidth=4, alpha=0.45, solid_capstyle="round")
        ax.plot(entry["value"], y, "o", color=own, markersize=7)
        ax.annotate(percentage(entry["value"], 0), (entry["value"], y), (0, 7), textcoords="offset points", ha="center")
    ax.set(xlim=(0, 1), ylim=(len(names) - 0.5, -0.6), yticks=range(len(names)), yticklabels=names.values())
    ax.tick_params(axis="y", length=0)
    ax.xaxis.set_major_formatter(lambda value, _: percentage(value, 0))


def _histogram(ax: Axes, values: "pd.Series[float]", span: tuple[float, float], colour: str) -> None:
    ax.hist(values.dropna(), bins=list(np.linspace(*span, 41)), color=colour, alpha=0.85, linewidth=0)
    ax.set_xlim(*span)


def _mean(ax: Axes, entry: Entry | None) -> None:
    if entry is not None:
        ax.axvspan(entry["low"], entry["high"], color=INK, alpha=0.15, linewidth=0)
        ax.axvline(entry["value"], color=INK, linewidth=1.5)
