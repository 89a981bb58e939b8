"""Descriptors measured beforehand, as they are: one window is one frame of the 23 of eGeMAPS."""

from torch import Tensor

from attune.features.smile import COUNTS, DESCRIPTORS
from attune.model.front_ends.base import FrontEndBase

COUNT = COUNTS[DESCRIPTORS]


class Descriptors(FrontEndBase):
    """No parameters; each descriptor is a channel."""

    def __init__(self, dropout: float) -> None:
        super().__init__(channels=COUNT, width=COUNT, dropout=dropout)

    def reset_parameters(self) -> None:
        """There is nothing to draw."""

    def features(self, waves: Tensor, windows: Tensor) -> Tensor:
        return self.standardised(waves.permute(2, 0, 1))

    def forward(self, waves: Tensor, windows: Tensor) -> Tensor:
        """Frames (batch, frames, 23) of so many frames (batch,) each: the same, standardised, with dropout."""
        return self.dropout(self.features(waves, windows).permute(1, 2, 0))
