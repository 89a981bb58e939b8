"""history.csv: what was recorded of every epoch of a training run."""

from attune.artifacts.tables import TextTable

HISTORY = TextTable(
    "history.csv",
    "train",
    ("network", "epoch", "train_loss", "development_loss", "development_uar"),
)
"""Beside these a column ``development_uar_<task>`` for each task."""
