"""The front end's initial filters. The paper does not report its own; these are our choice.

First convolution: gammatone impulse responses spaced on the ear's frequency scale, as Sainath et al. (Interspeech 2015)
initialise a raw-waveform network; all of them are then trained. Second: within each group of channels that is pooled
together, a smooth average of ten neighbouring bands, plus a little He noise everywhere. With random filters, every
channel follows loudness at first, and a few hundred steps learn nothing beyond it.
"""

import math

import torch
from torch import Tensor, nn

from attune.signal import SAMPLE_RATE

LOWEST, HIGHEST = 100.0, 7500.0
"""Range of the filters' centre frequencies in Hz."""

NOISE = 0.3
"""Share of the second convolution's usual random weights that is kept."""


def gammatones(channels: int, taps: int) -> Tensor:
    """Return fourth-order gammatone impulse responses (channels, taps) at 16 kHz.

    Centres are evenly spaced in equivalent rectangular bandwidths (Glasberg and Moore 1990). Each has unit norm, times
    the square root of its centre in kHz, which partly compensates for the spectral tilt of speech.
    """
    low, high = (21.4 * math.log10(1 + 0.00437 * hertz) for hertz in (LOWEST, HIGHEST))
    centre = (10 ** (torch.linspace(low, high, channels)[:, None] / 21.4) - 1) / 0.00437
    bandwidth = 1.019 * 24.7 * (1 + 0.00437 * centre)
    seconds = torch.arange(1, taps + 1) / SAMPLE_RATE
    response = seconds**3 * (-2 * math.pi * bandwidth * seconds).exp() * (2 * math.pi * centre * seconds).cos()
    return response / response.norm(dim=1, keepdim=True) * (centre / 1000).sqrt()


def averages(channels: int, taps: int, pool: int) -> Tensor:
    """Return weights (channels, channels, taps) by which a channel averages its own group of `pool`, plus noise."""
    noise = torch.empty(channels, channels, taps)
    nn.init.kaiming_normal_(noise, nonlinearity="relu")
    gains = torch.rand(channels, channels) * 5 / pool
    group = torch.arange(channels) // pool
    smooth = torch.hann_window(taps + 2, periodic=False)[1:-1]
    return noise * NOISE + (gains * (group[:, None] == group))[:, :, None] * smooth / smooth.sum()
