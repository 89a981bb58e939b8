"""The front end's initial filters. The paper does not report its own; these are our choice.

First convolution: gammatone impulse responses spread over the ear's scale, as Sainath et al. (Interspeech 2015) start
a raw-waveform network; all of it is trained from there. Second: within each group of channels that is pooled
together, a smooth average of ten neighbouring bands, and a little He noise everywhere. With random filters instead
every channel follows the loudness at first, and a few hundred steps learn nothing that does not show in it.
"""

import math

import torch
from torch import Tensor, nn

from attune.signal import SAMPLE_RATE

LOWEST, HIGHEST = 100.0, 7500.0
"""Hz, of the filters' centres."""

NOISE = 0.3
"""Of the second convolution's usual random weights, the share that is kept."""


def gammatones(channels: int, taps: int) -> Tensor:
    """Fourth-order gammatone impulse responses (channels, taps) at 16 kHz.

    Centres are evenly spaced in equivalent rectangular bandwidths (Glasberg and Moore 1990). Each has unit energy,
    times the root of its centre in kHz, which makes up for part of the fall of speech towards high frequencies.
    """
    low, high = (21.4 * math.log10(1 + 0.00437 * hertz) for hertz in (LOWEST, HIGHEST))
    centre = (10 ** (torch.linspace(low, high, channels)[:, None] / 21.4) - 1) / 0.00437
    bandwidth = 1.019 * 24.7 * (1 + 0.00437 * centre)
    seconds = torch.arange(1, taps + 1) / SAMPLE_RATE
    response = seconds**3 * (-2 * math.pi * bandwidth * seconds).exp() * (2 * math.pi * centre * seconds).cos()
    return response / response.norm(dim=1, keepdim=True) * (centre / 1000).sqrt()


def averages(channels: int, taps: int, pool: int) -> Tensor:
    """Weights (channels, channels, taps), noise included, by which a channel averages its own group of `pool`."""
    noise = torch.empty(channels, channels, taps)
    nn.init.kaiming_normal_(noise, nonlinearity="relu")
    gains = torch.rand(channels, channels) * 5 / pool
    group = torch.arange(channels) // pool
    smooth = torch.hann_window(taps + 2, periodic=False)[1:-1]
    return noise * NOISE + (gains * (group[:, None] == group))[:, :, None] * smooth / smooth.sum()
