"""Precomputed descriptors, passed through: one window is one frame of the 23 eGeMAPS descriptors."""

from torch import Tensor

from attune.features.smile import COUNTS, DESCRIPTORS
from attune.model.front_ends.base import FrontEndBase

COUNT = COUNTS[DESCRIPTORS]


class Descriptors(FrontEndBase):
    """It has no parameters; each descriptor is a channel."""

    def __init__(self, dropout: float) -> None:
        super().__init__(channels=COUNT, width=COUNT, dropout=dropout)

    def reset_parameters(self) -> None:
        """Do nothing: there are no parameters."""

    def features(self, waves: Tensor, windows: Tensor) -> Tensor:
        return self.standardised(waves.permute(2, 0, 1))

    def forward(self, waves: Tensor, windows: Tensor) -> Tensor:
        """Return frames (batch, frames, 23) standardised, with dropout in training."""
        return self.dropout(self.features(waves, windows).permute(1, 2, 0))
