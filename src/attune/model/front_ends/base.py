"""What every front end is: it gives each window of an utterance one vector, standardised where training wants that."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn


class FrontEndBase(nn.Module, ABC):
    """A front end of so many channels, each of which is standardised by itself.

    Args:
        channels: what `features` gives in its first dimension.
        width: values of a window; channels one after the other, of the same size.
        dropout: share of a window's values that are dropped in training.
    """

    def __init__(self, *, channels: int, width: int, dropout: float) -> None:
        super().__init__()
        self.width = width
        self.dropout = nn.Dropout(dropout)
        # Not part of what is saved: `folded` puts them into the weights that are.
        self.register_buffer("mean", torch.zeros(channels), persistent=False)
        self.register_buffer("deviation", torch.ones(channels), persistent=False)

    windows_per_frame = 1
    """An even number of windows where one vector stands for several, and 1 where each window has its own."""

    def frames(self, windows: Tensor) -> Tensor:
        """How many vectors stand for so many windows (batch,); the last is of the last whole frame."""
        return windows if self.windows_per_frame == 1 else 1 + (windows - 1) // self.windows_per_frame

    is_standardised = True
    """Whether training measures its channels first; one that standardises by itself needs no measuring."""

    @abstractmethod
    def reset_parameters(self) -> None:
        """Draw its parameters anew from torch's random state."""

    @abstractmethod
    def features(self, waves: Tensor, windows: Tensor) -> Tensor:
        """What a batch's windows are cut from: (channels, batch, time), standardised."""

    @abstractmethod
    def forward(self, waves: Tensor, windows: Tensor) -> Tensor:
        """A batch of so many windows (batch,) each: (batch, frames, width), with dropout in training."""

    def standardise(self, mean: Tensor, deviation: Tensor) -> None:
        """Take a mean and a deviation for each channel (channels,) from every feature from now on."""
        self.get_buffer("mean").copy_(mean)
        self.get_buffer("deviation").copy_(deviation)

    def standardised(self, features: Tensor) -> Tensor:
        """Features (channels, batch, time) by the mean and the deviation of each channel."""
        return (features - self.get_buffer("mean")[:, None, None]) / self.get_buffer("deviation")[:, None, None]

    def folded(self, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """A linear map of standardised windows, weight (out, width) and bias (out,), as one of windows as they are."""
        each = self.width // len(self.get_buffer("mean"))
        mean, deviation = (
            self.get_buffer(name).cpu().double().repeat_interleave(each) for name in ("mean", "deviation")
        )
        scaled = weight.double() / deviation
        return scaled.to(weight.dtype), (bias.double() - scaled @ mean).to(bias.dtype)
