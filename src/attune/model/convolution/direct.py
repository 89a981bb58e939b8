"""The two convolutions by torch's own operations: the fastest on CUDA, and the reference for the spectral form.

Signals are (channels, batch, time), as in `attune.model.convolution.spectral`, which has the same two functions.
"""

import torch.nn.functional as F
from torch import Tensor

LEFT, RIGHT = 19, 20
"""'Same' zero padding for the even kernel of 40."""


def first(waves: Tensor, weight: Tensor, bias: Tensor, inside: Tensor) -> Tensor:
    """Convolve (batch, samples) with (channels, 1, 40), max-pool by 2 and rectify: (channels, batch, samples / 2).

    Max-pooling precedes ReLU, with which it commutes. The result is multiplied by `inside` (batch, samples / 2).
    """
    convolved = F.conv1d(F.pad(waves, (LEFT, RIGHT)).unsqueeze(1), weight, bias)
    return F.max_pool1d(convolved, 2).transpose(0, 1).relu() * inside


def second(signal: Tensor, weight: Tensor, bias: Tensor, pool: int) -> Tensor:
    """Convolve (channels, batch, time) with (out, channels, 40), max-pool by `pool` channels and rectify.

    Returns (out / pool, batch, time).
    """
    padded = F.pad(signal.transpose(0, 1), (LEFT, RIGHT))
    convolved = F.conv1d(padded, weight, bias).transpose(0, 1)
    return convolved.view(-1, pool, *convolved.shape[1:]).amax(1).relu()
