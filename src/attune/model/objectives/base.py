"""The base class of objectives: how a task's last layer is read, and its loss."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

Together = Callable[[Tensor], Tensor]
"""Returns the sum of a tensor over all processes that share a batch; for a single process, the tensor."""


class Said(NamedTuple):
    """The outputs for a batch: `logits` (batch, classes), and `value` (batch,), a rating from 1 to 5, or None."""

    logits: Tensor
    value: Tensor | None


class Truth(NamedTuple):
    """The targets of a batch: `classes` (batch,), and `ratings` (batch,) from 1 to 5 if the objective takes them."""

    classes: Tensor
    ratings: Tensor | None = None


class Objective(ABC):
    """The objective of a task of `classes` classes; it has no parameters."""

    takes_ratings = False
    """Whether `loss` uses ratings, so that the task must be rated and batches must have two utterances."""

    def __init__(self, classes: int) -> None:
        self.classes = classes

    @abstractmethod
    def idle(self, together: Together, device: torch.device) -> None:
        """Call `together` as often as `loss` does, in a process that has no share of a batch."""

    @property
    @abstractmethod
    def outputs(self) -> int:
        """The number of outputs of the last layer."""

    @abstractmethod
    def read(self, outputs: Tensor) -> Said:
        """Interpret the outputs of the last layer (batch, outputs)."""

    @abstractmethod
    def loss(self, said: Said, truth: Truth, weights: Tensor, together: Together) -> Tensor:
        """Return the loss summed over these utterances; other processes may have the rest of the batch.

        Args:
            weights: class weights (classes,).
        """
