"""The interface of every attention, and a softmax that ignores padding."""

from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor, nn

HIDDEN = 128
"""Outputs of a GRU in one direction; those of the backward direction come after the forward ones."""


class Pooled(NamedTuple):
    """`summary` (batch, hidden) of each utterance; `weights` (batch, windows) that sum to 1, or None without any."""

    summary: Tensor
    weights: Tensor | None


class Pooling(nn.Module, ABC):
    """The base class of attentions, which own and initialise their parameters."""

    @abstractmethod
    def reset_parameters(self) -> None:
        """Reinitialise its parameters from torch's random state."""

    @abstractmethod
    def forward(self, outputs: Tensor, windows: Tensor) -> Pooled:
        """Pool `outputs` (batch, windows, hidden) of utterances with `windows` (batch,) windows each."""


def softmax(scores: Tensor, windows: Tensor) -> Tensor:
    """Return the softmax of `scores` (batch, windows, ...) over each utterance's own windows (batch,), zero beyond."""
    beyond = torch.arange(scores.shape[1], device=scores.device) >= windows[:, None]
    beyond = beyond.view(*beyond.shape, *[1] * (scores.ndim - 2))
    return scores.masked_fill(beyond, -torch.inf).softmax(1)


def weighted(outputs: Tensor, weights: Tensor) -> Pooled:
    """Return the sum of outputs (batch, windows, hidden) weighted by weights (batch, windows)."""
    return Pooled((weights[:, None] @ outputs)[:, 0], weights)
