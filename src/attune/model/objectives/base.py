"""What every objective is: how a task's last layer is read, and its loss."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

Together = Callable[[Tensor], Tensor]
"""The sum of a tensor over all processes that share a batch; by itself, the tensor."""


class Said(NamedTuple):
    """Of a batch: `logits` (batch, classes), and `value` (batch,), a rating from 1 to 5, or None without one."""

    logits: Tensor
    value: Tensor | None


class Truth(NamedTuple):
    """Of a batch: `classes` (batch,), and `ratings` (batch,) from 1 to 5 where the objective takes them."""

    classes: Tensor
    ratings: Tensor | None = None


class Objective(ABC):
    """For a task of so many classes; it has no parameters."""

    takes_ratings = False
    """Whether `loss` looks at ratings, so that the task must be rated and batches must have two utterances."""

    def __init__(self, classes: int) -> None:
        self.classes = classes

    @abstractmethod
    def idle(self, together: Together, device: torch.device) -> None:
        """What a process does that has no share of a batch: it calls `together` as often as `loss` does."""

    @property
    @abstractmethod
    def outputs(self) -> int:
        """How many values the last layer gives."""

    @abstractmethod
    def read(self, outputs: Tensor) -> Said:
        """What the last layer's values (batch, outputs) say."""

    @abstractmethod
    def loss(self, said: Said, truth: Truth, weights: Tensor, together: Together) -> Tensor:
        """The loss added up over these utterances, a share of a batch that other processes may have the rest of.

        Args:
            weights: of the classes (classes,).
        """
