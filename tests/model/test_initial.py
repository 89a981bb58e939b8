import numpy as np
import torch
from scipy.signal import gammatone

from attune.model import initial, systems


def test_gammatones_have_the_shape_scipy_gives_them():
    ours = initial.gammatones().numpy()
    for channel in (10, 20, 39):
        spectrum = np.abs(np.fft.rfft(ours[channel], 16000))
        centre = float(np.argmax(spectrum))
        theirs, _ = gammatone(centre, "fir", order=4, numtaps=40, fs=16000)
        assert np.corrcoef(spectrum, np.abs(np.fft.rfft(theirs, 16000)))[0, 1] > 0.97


def test_gammatone_centres_rise_and_loudness_follows_them():
    ours = initial.gammatones()
    energy = ours.square().sum(1)
    assert (energy.diff() > 0).all()
    torch.testing.assert_close(energy[[0, -1]], torch.tensor([0.1, 7.5]))


def test_the_same_seed_gives_the_same_network_and_another_seed_another():
    def weights(seed):
        return systems.named("mtl-att").build("joint", dropout=0.1, seed=seed).state_dict()

    first, again, other = weights(1), weights(1), weights(2)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["front_end.convolution2.weight"], other["front_end.convolution2.weight"])


def test_training_starts_from_the_plain_mean_over_windows():
    network = systems.named("mtl-att").build("joint", dropout=0.1, seed=1)
    assert all(not branch.attention.any() for branch in network.branches.values())
