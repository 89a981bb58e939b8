"""Initial weights follow from the seed and have the properties they are chosen for."""

import pytest
import torch

from attune.model.initial import HIGHEST, LOWEST, gammatones, initialise
from attune.model.network import Network
from attune.model.windows import SAMPLE_RATE
from attune.params import TASKS


def network(seed: int) -> Network:
    return initialise(Network(TASKS, attention=True, dropout=0.1), seed)


def test_one_seed_gives_one_network_and_another_seed_another():
    one, same, other = (network(seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["front_end.convolution2.weight"], other["front_end.convolution2.weight"])


def test_recurrences_are_orthogonal_gate_by_gate():
    for gate in network(1).branch("arousal").gru.weight_hh_l1.chunk(3):
        torch.testing.assert_close(gate @ gate.T, torch.eye(128), atol=1e-5, rtol=0)


def test_training_starts_from_the_plain_mean_over_windows():
    branch = network(1).branch("valence")
    weights = branch.decide(torch.randn(1, 4, 128), torch.tensor([4])).attention
    torch.testing.assert_close(weights, torch.full((1, 4), 0.25))


def test_filters_are_bands_around_centres_evenly_spaced_on_the_ears_scale():
    spectrum = torch.fft.rfft(gammatones(), n=4096).abs()
    peaks = spectrum.argmax(1) * SAMPLE_RATE / 4096
    cambridge = 21.4 * torch.log10(1 + 0.00437 * torch.linspace(LOWEST, HIGHEST, 10_000))
    steps = torch.linspace(cambridge[0], cambridge[-1], 40)
    expected = (10 ** (steps / 21.4) - 1) / 0.00437
    resolved = expected > 1000  # below, 2.5 ms hold too little of a period
    torch.testing.assert_close(peaks[resolved], expected[resolved], rtol=0.1, atol=0)


def test_a_filters_energy_rises_with_its_frequency():
    energy = gammatones().square().sum(1)
    assert energy[-1] == pytest.approx(HIGHEST / 1000, rel=1e-3)
    assert energy[0] == pytest.approx(LOWEST / 1000, rel=1e-3)


def test_a_channel_starts_by_averaging_its_own_pooling_group():
    weight = network(1).front_end.convolution2.weight.sum(2)
    own = torch.block_diag(*[torch.ones(10, 10)] * 4).bool()
    assert weight[own].mean() > 0.2
    assert abs(weight[~own].mean()) < 0.05
