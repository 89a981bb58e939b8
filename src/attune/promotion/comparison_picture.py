"""Plot a comparison: one panel per score, one interval per task, and a line at zero."""

from pathlib import Path

import pandas as pd

from attune.numbers import level

TITLES = {"uar": "UAR (percent points)", "ccc": "CCC", "mae": "mean absolute error (rating points)"}
BETTER = {"uar": "right is better", "ccc": "right is better", "mae": "left is better"}
_SCALE = {"uar": 100.0}
_CLEAR, _UNCLEAR = "#1b5e9b", "#8a8a8a"


def draw(path: Path, table: pd.DataFrame, title: str, confidence: float) -> None:
    """Write the comparison as SVG or PNG, by the suffix; the same table gives the same bytes.

    Args:
        table: from `attune.promotion.compare.compare`.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    scores = list(table["score"].unique())
    with mpl.rc_context({"svg.hashsalt": "attune", "font.size": 9}):
        figure = Figure(figsize=(3.4 * len(scores), 2.7), layout="constrained")
        for axes, score in zip(figure.subplots(1, len(scores), sharey=True, squeeze=False)[0], scores, strict=True):
            _panel(axes, table[table["score"] == score].set_index("task"), score, list(table["task"].unique())[::-1])
        figure.suptitle(f"{title}: difference with {level(confidence)} interval; blue: Holm p < .05", fontsize=9)
        metadata = {"Date": None} if path.suffix == ".svg" else {"Software": None}
        figure.savefig(path, metadata=metadata, dpi=150)


def _panel(axes: "object", rows: pd.DataFrame, score: str, tasks: list[str]) -> None:
    from matplotlib.axes import Axes

    assert isinstance(axes, Axes)
    scale = _SCALE.get(score, 1.0)
    axes.axvline(0, color="black", linewidth=0.8)
    for place, task in enumerate(tasks):
        if task not in rows.index:  # categories have only a UAR
            continue
        row = rows.loc[task]
        colour = _CLEAR if row["holm"] < 0.05 else _UNCLEAR
        axes.plot([scale * row["low"], scale * row["high"]], [place, place], color=colour, linewidth=2)
        axes.plot(scale * row["difference"], place, "o", color=colour)
    axes.set_yticks(range(len(tasks)), tasks)
    axes.set_ylim(-0.6, len(tasks) - 0.4)
    axes.set_title(TITLES[score], fontsize=9)
    axes.set_xlabel(BETTER[score])
    axes.spines[["top", "right"]].set_visible(False)
