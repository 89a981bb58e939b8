"""The front end exactly as the paper words it: every window convolved by itself, with its own zero padding.

Slow and literal; tests/model/test_literal.py and front_end.py compare `attune.model.front_ends.paper` with it. Both
use the same weights. They agree at the 320 - 29 - 30 inner positions of a window and differ at its first 29 and last
30 (58 and 60 samples), where this form sees zeros instead of the neighbouring samples.
"""

import torch.nn.functional as F
from torch import Tensor

from attune.model.convolution.direct import LEFT, RIGHT
from attune.model.front_ends.paper import CHANNEL_POOL, POOL, FrontEnd
from attune.signal import HOP, WINDOW

DIFFERS_LEFT, DIFFERS_RIGHT = 29, 30
"""Positions of a window, after pooling by 2, that its own zero padding reaches."""


def windows(front_end: FrontEnd, waves: Tensor) -> Tensor:
    """Waves (batch, samples) to (batch, windows, 1280), window by window, without dropout."""
    cut = waves.unfold(1, WINDOW, HOP)
    batch, count = cut.shape[:2]
    x = cut.reshape(batch * count, 1, WINDOW)
    x = F.conv1d(F.pad(x, (LEFT, RIGHT)), front_end.convolution1.weight, front_end.convolution1.bias).relu()
    x = F.max_pool1d(x, POOL)
    x = F.conv1d(F.pad(x, (LEFT, RIGHT)), front_end.convolution2.weight, front_end.convolution2.bias).relu()
    x = x.view(batch * count, -1, CHANNEL_POOL, WINDOW // POOL).amax(2)
    return x.view(batch, count, -1)
