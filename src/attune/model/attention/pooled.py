"""What every attention gives, and the softmax in which padding does not count."""

from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor, nn

HIDDEN = 128
"""Outputs of a GRU in one direction; those of the other direction come after them."""


class Pooled(NamedTuple):
    """`summary` (batch, hidden) of each utterance; `weights` (batch, windows) add up to 1, or None without any."""

    summary: Tensor
    weights: Tensor | None


class Pooling(nn.Module, ABC):
    """What every attention is: parameters of its own, drawn by itself."""

    @abstractmethod
    def reset_parameters(self) -> None:
        """Draw its parameters anew from torch's random state."""

    @abstractmethod
    def forward(self, outputs: Tensor, windows: Tensor) -> Pooled:
        """Pool `outputs` (batch, windows, hidden) of utterances with so many `windows` (batch,)."""


def softmax(scores: Tensor, windows: Tensor) -> Tensor:
    """Softmax of `scores` (batch, windows, ...) over each utterance's own windows (batch,), zero beyond them."""
    beyond = torch.arange(scores.shape[1], device=scores.device) >= windows[:, None]
    beyond = beyond.view(*beyond.shape, *[1] * (scores.ndim - 2))
    return scores.masked_fill(beyond, -torch.inf).softmax(1)


def weighted(outputs: Tensor, weights: Tensor) -> Pooled:
    """The sum of outputs (batch, windows, hidden) times weights (batch, windows)."""
    return Pooled((weights[:, None] @ outputs)[:, 0], weights)
