"""history.csv: losses and scores of every epoch of a training run."""

from attune.artifacts.tables import TextTable

HISTORY = TextTable(
    "history.csv",
    "train",
    ("network", "epoch", "train_loss", "development_loss", "development_uar"),
)
"""In addition, a column ``development_uar_<task>`` for each task."""

COSTS = tuple(10 ** (exponent / 2) for exponent in range(-6, 1))
"""Values of C that a support vector machine tries: its history has one row each, numbered like epochs."""
