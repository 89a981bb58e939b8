"""Initial weights. The paper does not report its own; these are our choice.

First convolution: gammatone impulse responses spread over the ear's scale, as Sainath et al. (Interspeech 2015) start
a raw-waveform network; all of it is trained from there. Second: within each group of channels that is pooled
together, a smooth average of ten neighbouring bands, and a little He noise everywhere. With random filters instead
every channel follows the loudness at first, and a few hundred steps learn nothing that does not show in it.

GRU: Xavier inputs and orthogonal recurrences, gate by gate. Output: Xavier. Biases: zero. Attention vector: zero, so
that training starts from the plain mean over windows.
"""

import math

import torch
from torch import nn

from attune.model.branch import Branch
from attune.model.front_end import CHANNEL_POOL, CHANNELS, KERNEL
from attune.model.network import Network
from attune.model.windows import SAMPLE_RATE

GATES = 3
LOWEST, HIGHEST = 100.0, 7500.0
"""Hz, of the filters' centres."""

NOISE = 0.3
"""Of the second convolution's usual random weights, the share that is kept."""


def initialise(network: Network, seed: int) -> Network:
    """Draw all weights anew from the seed, and return the network."""
    torch.manual_seed(seed)
    for parameter in network.parameters():
        nn.init.zeros_(parameter)
    with torch.no_grad():
        network.front_end.convolution1.weight.copy_(gammatones()[:, None])
        nn.init.kaiming_normal_(network.front_end.convolution2.weight, nonlinearity="relu")
        network.front_end.convolution2.weight.mul_(NOISE).add_(_averages())
    for branch in network.branches.values():
        _initialise_branch(branch)
    return network


def gammatones() -> torch.Tensor:
    """Fourth-order gammatone impulse responses of 2.5 ms, (40, 40): channel by tap.

    Centres are evenly spaced in equivalent rectangular bandwidths (Glasberg and Moore 1990). Each has unit energy,
    times the root of its centre in kHz, which makes up for part of the fall of speech towards high frequencies.
    """
    low, high = (21.4 * math.log10(1 + 0.00437 * hertz) for hertz in (LOWEST, HIGHEST))
    centre = (10 ** (torch.linspace(low, high, CHANNELS)[:, None] / 21.4) - 1) / 0.00437
    bandwidth = 1.019 * 24.7 * (1 + 0.00437 * centre)
    seconds = torch.arange(1, KERNEL + 1) / SAMPLE_RATE
    response = seconds**3 * (-2 * math.pi * bandwidth * seconds).exp() * (2 * math.pi * centre * seconds).cos()
    return response / response.norm(dim=1, keepdim=True) * (centre / 1000).sqrt()


def _averages() -> torch.Tensor:
    """Weights (40, 40, 40) by which each channel averages, with random gains, the bands of its own pooling group."""
    gains = torch.rand(CHANNELS, CHANNELS) * 5 / CHANNEL_POOL
    group = torch.arange(CHANNELS) // CHANNEL_POOL
    smooth = torch.hann_window(KERNEL + 2, periodic=False)[1:-1]
    return (gains * (group[:, None] == group))[:, :, None] * smooth / smooth.sum()


def _initialise_branch(branch: nn.Module) -> None:
    assert isinstance(branch, Branch)
    for name, parameter in branch.gru.named_parameters():
        for gate in parameter.data.chunk(GATES):
            if name.startswith("weight_ih"):
                nn.init.xavier_uniform_(gate)
            elif name.startswith("weight_hh"):
                nn.init.orthogonal_(gate)
    nn.init.xavier_uniform_(branch.output.weight)
