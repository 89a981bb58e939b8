"""The front end's initial filters have the properties they are chosen for."""

import pytest
import torch

from attune.model.convolution.filters import HIGHEST, LOWEST, averages, gammatones
from attune.signal import SAMPLE_RATE


def test_filters_are_bands_around_centres_evenly_spaced_on_the_ears_scale():
    spectrum = torch.fft.rfft(gammatones(40, 40), n=4096).abs()
    peaks = spectrum.argmax(1) * SAMPLE_RATE / 4096
    cambridge = 21.4 * torch.log10(1 + 0.00437 * torch.linspace(LOWEST, HIGHEST, 10_000))
    steps = torch.linspace(cambridge[0], cambridge[-1], 40)
    expected = (10 ** (steps / 21.4) - 1) / 0.00437
    resolved = expected > 1000  # below, 2.5 ms hold too little of a period
    torch.testing.assert_close(peaks[resolved], expected[resolved], rtol=0.1, atol=0)


def test_a_filters_energy_rises_with_its_frequency():
    energy = gammatones(40, 40).square().sum(1)
    assert energy[-1] == pytest.approx(HIGHEST / 1000, rel=1e-3)
    assert energy[0] == pytest.approx(LOWEST / 1000, rel=1e-3)


def test_a_channel_starts_by_averaging_its_own_pooling_group():
    torch.manual_seed(1)
    weight = averages(40, 40, 10).sum(2)
    own = torch.block_diag(*[torch.ones(10, 10)] * 4).bool()
    assert weight[own].mean() > 0.2
    assert abs(weight[~own].mean()) < 0.05
