"""The base class of front ends, which give each window one vector, standardised if training asks for it."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn


class FrontEndBase(nn.Module, ABC):
    """A front end whose channels are standardised separately.

    Args:
        channels: size of the first dimension of `features`.
        width: values per window; channels one after the other, of the same size.
        dropout: share of a window's values that is dropped in training.
    """

    def __init__(self, *, channels: int, width: int, dropout: float) -> None:
        super().__init__()
        self.width = width
        self.dropout = nn.Dropout(dropout)
        # Not saved: `folded` merges them into the weights that are.
        self.register_buffer("mean", torch.zeros(channels), persistent=False)
        self.register_buffer("deviation", torch.ones(channels), persistent=False)

    windows_per_frame = 1
    """1 if each window has its own vector; an even number if one vector stands for several windows."""

    def frames(self, windows: Tensor) -> Tensor:
        """Return the number of vectors for `windows` (batch,) windows each; the last is of the last whole frame."""
        return windows if self.windows_per_frame == 1 else 1 + (windows - 1) // self.windows_per_frame

    is_standardised = True
    """Whether training measures its channels first; a front end that standardises itself needs no measuring."""

    @abstractmethod
    def reset_parameters(self) -> None:
        """Reinitialise its parameters from torch's random state."""

    @abstractmethod
    def features(self, waves: Tensor, windows: Tensor) -> Tensor:
        """Return the standardised features that a batch's windows are cut from: (channels, batch, time)."""

    @abstractmethod
    def forward(self, waves: Tensor, windows: Tensor) -> Tensor:
        """Map a batch of `windows` (batch,) windows each to (batch, frames, width), with dropout in training."""

    def standardise(self, mean: Tensor, deviation: Tensor) -> None:
        """Standardise all features from now on by a mean and a deviation for each channel (channels,)."""
        self.get_buffer("mean").copy_(mean)
        self.get_buffer("deviation").copy_(deviation)

    def standardised(self, features: Tensor) -> Tensor:
        """Standardise features (channels, batch, time) by the mean and the deviation of each channel."""
        return (features - self.get_buffer("mean")[:, None, None]) / self.get_buffer("deviation")[:, None, None]

    def folded(self, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """Turn a linear map of standardised windows, weight (out, width) and bias (out,), into one of raw windows."""
        each = self.width // len(self.get_buffer("mean"))
        mean, deviation = (
            self.get_buffer(name).cpu().double().repeat_interleave(each) for name in ("mean", "deviation")
        )
        scaled = weight.double() / deviation
        return scaled.to(weight.dtype), (bias.double() - scaled @ mean).to(bias.dtype)
