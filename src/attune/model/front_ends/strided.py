"""Three convolutions with max-pooling over the raw waveform (Tzirakis, Zhang, Schuller 2018).

64, 128 and 256 filters of 8, 6 and 6 taps, each with ReLU and pooled by 10, 8 and 8: a vector of 256 values for every
40 ms, without overlap, where the paper's windows overlap fourfold. Theirs feed two LSTM(256), these our branches.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from attune.model.front_ends.base import FrontEndBase
from attune.model.front_ends.paper import beyond
from attune.signal import HOP, WINDOW

LAYERS = ((64, 8, 10), (128, 6, 8), (256, 6, 8))
"""Filters, taps and pooling factor of each convolution."""

WIDTH = LAYERS[-1][0]


class Strided(FrontEndBase):
    """A frame of 640 samples is as long as a window and starts where every fourth window does."""

    windows_per_frame = WINDOW // HOP

    def __init__(self, dropout: float) -> None:
        super().__init__(channels=WIDTH, width=WIDTH, dropout=dropout)
        inputs = 1
        for number, (filters, taps, _) in enumerate(LAYERS, start=1):
            self.add_module(f"convolution{number}", nn.Conv1d(inputs, filters, taps))
            inputs = filters

    def reset_parameters(self) -> None:
        """Initialise weights by He et al. 2015, which suits rectified values, and biases to zero."""
        for convolution in self.children():
            if isinstance(convolution, nn.Conv1d):
                nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
                assert convolution.bias is not None
                nn.init.zeros_(convolution.bias)

    def features(self, waves: Tensor, windows: Tensor) -> Tensor:
        """Map waves (batch, samples) of `windows` (batch,) windows each to standardised (256, batch, frames)."""
        signal, pooled = waves[:, None], 1
        for number, (_, taps, pool) in enumerate(LAYERS, start=1):
            convolved = self.get_submodule(f"convolution{number}")(F.pad(signal, ((taps - 1) // 2, taps // 2)))
            signal, pooled = F.max_pool1d(convolved.relu(), pool), pooled * pool
            signal = signal.masked_fill(beyond(windows, signal.shape[-1], pooled)[:, None], 0.0)
        return self.standardised(signal.transpose(0, 1))

    def forward(self, waves: Tensor, windows: Tensor) -> Tensor:
        return self.dropout(self.features(waves, windows).permute(1, 2, 0).contiguous())
