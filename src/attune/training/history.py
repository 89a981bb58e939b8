"""The record of every epoch, and what follows from it: which one was best, and whether to stop."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Epoch:
    """One epoch of one network: mean losses per utterance and the development UAR (a fraction) by task."""

    network: str
    epoch: int
    train_loss: float
    development_loss: float
    development_uar: dict[str, float]

    @property
    def mean_uar(self) -> float:
        """Mean development UAR over the network's tasks, which decides early stopping."""
        return float(np.mean(list(self.development_uar.values())))


def best(history: Sequence[Epoch]) -> Epoch:
    """Return the epoch with the highest mean development UAR, the first of them on a tie."""
    return max(history, key=lambda record: (record.mean_uar, -record.epoch))


def finished(history: Sequence[Epoch], epochs: int, patience: int) -> bool:
    """Return whether all epochs are done, or `patience` epochs have passed since the best one."""
    return bool(history) and (len(history) >= epochs or history[-1].epoch - best(history).epoch >= patience)
