"""The headline numbers: test UAR and CCC of every system and task, as `dvc metrics` shows them."""

from typing import Any

import pandas as pd

SHOWN = ("uar", "ccc")
_DIGITS = 3


def headline(scores: pd.DataFrame, systems: list[str]) -> dict[str, Any]:
    """Return {system: {task: {score: value, score_interval: "low to high"}}} on the pooled test partition.

    The interval is text: it takes one column in a table of metrics, and `dvc metrics diff` does not subtract it.

    Args:
        scores: with the columns system, partition, task, score, value, low, high.
        systems: the systems to show, in this order.
    """
    found: dict[str, Any] = {system: {} for system in systems}
    test = scores[(scores["partition"] == "test") & scores["score"].isin(SHOWN) & scores["system"].isin(systems)]
    for row in test.sort_values("score", key=lambda names: names.map(SHOWN.index), kind="stable").to_dict("records"):
        by_task = found[row["system"]].setdefault(row["task"], {})
        by_task[row["score"]] = round(row["value"], _DIGITS) if pd.notna(row["value"]) else None
        by_task[f"{row['score']}_interval"] = f"{row['low']:.{_DIGITS}f} to {row['high']:.{_DIGITS}f}"
    return found
