"""The front end that all tasks share: waveform to one vector of 1280 values per window.

The paper applies two convolutions to each window separately; windows overlap fourfold. Here the convolutions run
once over the waveform and the result is windowed, for a quarter of the work. The two differ only in the outer 60
samples of a window, which the paper's zero padding affects (`attune.model.front_ends.windowed` is literal).
"""

from types import ModuleType

import torch
from torch import Tensor, nn

from attune.model.convolution import direct, filters, spectral
from attune.model.front_ends.base import FrontEndBase
from attune.signal import HOP, SAMPLE_RATE, WINDOW

CHANNELS = 40
KERNEL = 40
POOL = 2
CHANNEL_POOL = 10
FEATURES = CHANNELS // CHANNEL_POOL * WINDOW // POOL
"""Values per window: 4 channels by 320 time steps."""

PIECE = 4 * SAMPLE_RATE
"""Samples convolved at once on a CPU."""


class FrontEnd(FrontEndBase):
    """Two convolutions with pooling, then windows (paper, section 2)."""

    def __init__(self, dropout: float) -> None:
        super().__init__(channels=CHANNELS // CHANNEL_POOL, width=FEATURES, dropout=dropout)
        self.convolution1 = nn.Conv1d(1, CHANNELS, KERNEL)
        self.convolution2 = nn.Conv1d(CHANNELS, CHANNELS, KERNEL)

    def reset_parameters(self) -> None:
        """Initialise with the filters of `attune.model.convolution.filters` and zero biases."""
        with torch.no_grad():
            self.convolution1.weight.copy_(filters.gammatones(CHANNELS, KERNEL)[:, None])
            self.convolution2.weight.copy_(filters.averages(CHANNELS, KERNEL, CHANNEL_POOL))
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)

    def forward(self, waves: Tensor, windows: Tensor) -> Tensor:
        """Map waves (batch, samples), of `windows` (batch,) windows each, to (batch, windows, 1280), with dropout."""
        return self.dropout(window(self.features(waves, windows)))

    def features(self, waves: Tensor, windows: Tensor) -> Tensor:
        """Convolve whole waveforms twice and standardise: (batch, samples) to (4, batch, samples / 2).

        On a CPU a batch is processed in pieces, because tensors that stay in its cache are twice as fast.
        """
        return self.standardised(self._convolved(waves, windows))

    def _convolved(self, waves: Tensor, windows: Tensor) -> Tensor:
        if waves.is_cuda:
            return self.convolve(direct, waves, windows)
        rows = max(1, PIECE // waves.shape[1])
        pieces = zip(torch.split(waves, rows), torch.split(windows, rows), strict=True)
        return torch.cat([self.convolve(spectral, *piece) for piece in pieces], 1)

    def convolve(self, form: ModuleType, waves: Tensor, windows: Tensor) -> Tensor:
        """Do the same, unstandardised, with `attune.model.convolution`'s `direct` or `spectral` form.

        Everything beyond an utterance's last window is zero at the input of each convolution, so an utterance sees
        what it would see alone.
        """
        inside = (~beyond(windows, waves.shape[1] // POOL, POOL)).to(waves.dtype)
        pooled = form.first(waves, self.convolution1.weight, self.convolution1.bias, inside)
        return form.second(pooled, self.convolution2.weight, self.convolution2.bias, CHANNEL_POOL)


def window(features: Tensor) -> Tensor:
    """Cut (4, batch, time) into flattened windows (batch, windows, 1280), channel by channel."""
    return features.unfold(2, WINDOW // POOL, HOP // POOL).permute(1, 2, 0, 3).flatten(2)


def beyond(windows: Tensor, length: int, pool: int) -> Tensor:
    """Return a mask (batch, length) of samples, pooled by `pool`, that are beyond their utterance's last window."""
    ends = (WINDOW + HOP * (windows - 1)) // pool
    return torch.arange(length, device=windows.device) >= ends[:, None]
