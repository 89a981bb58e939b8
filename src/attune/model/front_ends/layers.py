"""Frames of an encoder: a learnt weighted sum of all layers' outputs (SUPERB: Yang et al. 2021, section 2.2).

The sum is standardised frame by frame without parameters, because encoders differ in scale by orders of magnitude.
"""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attune.features.encoder import Encoder
from attune.model.front_ends.base import FrontEndBase


class Layers(FrontEndBase):
    """A front end for precomputed frames (batch, frames, layers, width)."""

    is_standardised = False

    def __init__(self, layers: int, width: int, dropout: float) -> None:
        super().__init__(channels=1, width=width, dropout=dropout)
        self.weights = nn.Parameter(torch.empty(layers))

    def reset_parameters(self) -> None:
        """Weigh all layers equally."""
        nn.init.zeros_(self.weights)

    def features(self, waves: Tensor, windows: Tensor) -> Tensor:
        """Return the standardised sum: (1, batch, frames x width)."""
        return self.mixed(waves).flatten(1)[None]

    def mixed(self, layers: Tensor) -> Tensor:
        """Return the standardised weighted sum of layers (..., layers, width)."""
        summed = (self.weights.softmax(0)[:, None] * layers).sum(-2)
        return F.layer_norm(summed, (self.width,))

    def forward(self, waves: Tensor, windows: Tensor) -> Tensor:
        return self.dropout(self.mixed(waves))

    def saved(self, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the parameters by name that are saved from a network's state."""
        return dict(state)


class Tuned(Layers):
    """An encoder whose last `tuned` transformer layers are fine-tuned; None: all of them.

    Its convolutions stay frozen, as is common when such encoders are fine-tuned (Wagner et al. 2023).
    """

    def __init__(self, encoder: Encoder, tuned: int | None, dropout: float) -> None:
        super().__init__(encoder.layers, encoder.width, dropout)
        self.encoder = encoder
        total = encoder.layers - 1
        encoder.requires_grad_(False)
        for number in range(total - (total if tuned is None else min(tuned, total)), total):
            encoder.block(number).requires_grad_(True)

    def forward(self, waves: Tensor, windows: Tensor) -> Tensor:
        """Encode waveforms (batch, samples) of `windows` (batch,) frames each, one by one."""
        lengths = windows.tolist()
        frames = [self.encoder(wave[: self.encoder.covered(count)]) for wave, count in zip(waves, lengths, strict=True)]
        return super().forward(nn.utils.rnn.pad_sequence(frames, batch_first=True), windows)
