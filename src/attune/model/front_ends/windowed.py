"""The paper's front end taken literally (section 2): each window is convolved separately, with its own zero padding.

The same weights as in `attune.model.front_ends.paper`, four times the work. The two agree at a window's 320 - 29 - 30
inner positions and differ at its first 29 and last 30 (58 and 60 samples), where this one sees zeros, not neighbours.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from attune.model.convolution.direct import LEFT, RIGHT
from attune.model.front_ends.paper import CHANNEL_POOL, CHANNELS, POOL, FrontEnd
from attune.signal import HOP, WINDOW

PIECE = 500
"""Windows convolved at once: 50 MB for each of the layers."""


class Windowed(FrontEnd):
    """Two convolutions with pooling, window by window."""

    def forward(self, waves: Tensor, windows: Tensor) -> Tensor:
        """Map waves (batch, samples), of `windows` (batch,) windows each, to (batch, windows, 1280), with dropout."""
        features = self.features(waves, windows)
        return self.dropout(features.view(*features.shape[:2], -1, WINDOW // POOL).permute(1, 2, 0, 3).flatten(2))

    def features(self, waves: Tensor, windows: Tensor) -> Tensor:
        """Convolve window by window, twice, and standardise: (batch, samples) to (4, batch, windows x 320)."""
        cut = waves.unfold(1, WINDOW, HOP).reshape(-1, WINDOW)
        convolved = torch.cat([self.alone(piece) for piece in torch.split(cut, PIECE)])
        together = convolved.view(len(waves), -1, *convolved.shape[1:]).permute(2, 0, 1, 3)
        return self.standardised(together.flatten(2))

    def alone(self, windows: Tensor) -> Tensor:
        """Convolve windows (count, 640) separately: (count, 4, 320)."""
        first = F.max_pool1d(self.convolution1(F.pad(windows[:, None], (LEFT, RIGHT))).relu(), POOL)
        second = self.convolution2(F.pad(first, (LEFT, RIGHT))).relu()
        return second.view(-1, CHANNELS // CHANNEL_POOL, CHANNEL_POOL, WINDOW // POOL).amax(2)
