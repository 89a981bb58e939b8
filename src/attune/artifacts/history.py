"""history.csv: what was recorded of every epoch of a training run."""

from attune.artifacts.tables import TextTable
from attune.params import TASKS

HISTORY = TextTable(
    "history.csv",
    "train",
    (
        *("network", "epoch", "train_loss", "development_loss"),
        *(f"development_uar_{task}" for task in TASKS),
        "development_uar",
    ),
)
