"""history.csv: what was recorded of every epoch of a training run."""

from attune.artifacts.tables import TextTable

HISTORY = TextTable(
    "history.csv",
    "train",
    ("network", "epoch", "train_loss", "development_loss", "development_uar"),
)
"""Beside these a column ``development_uar_<task>`` for each task."""

COSTS = tuple(10 ** (exponent / 2) for exponent in range(-6, 1))
"""Values of C that are tried for a support vector machine: its records are numbered like epochs, one for each."""
