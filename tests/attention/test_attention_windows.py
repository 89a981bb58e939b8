"""Windows: how many, how loud, where; literal loops as the second opinion."""

import numpy as np
import pytest

from attune.attention.windows import energy, inside
from attune.signal import window_count

RATE = 16000


@pytest.mark.parametrize("samples", [100, 640, 1000, 5003])
def test_energy_is_the_mean_square_of_each_window_in_decibels(samples):
    waveform = np.random.default_rng(samples).uniform(-0.5, 0.5, samples).astype(np.float32)
    padded = np.pad(waveform, (0, 640))
    literal = [np.mean(padded[160 * i : 160 * i + 640].astype(float) ** 2) for i in range(window_count(samples))]
    np.testing.assert_allclose(energy(waveform), 10 * np.log10(literal), atol=1e-4)


def test_a_full_scale_sine_has_minus_3_decibels_and_silence_stays_finite():
    sine = np.sin(2 * np.pi * 100 * np.arange(RATE) / RATE)
    np.testing.assert_allclose(energy(sine), -3.01, atol=0.01)
    np.testing.assert_allclose(energy(np.zeros(RATE)), -100)


def test_a_window_is_inside_where_its_centre_is():
    # centres at 20, 30, 40, 50 ms
    assert inside(4, 0.030, 0.050, RATE).tolist() == [False, True, True, False]
    assert inside(4, 0.0, 1.0, RATE).all()
    assert not inside(4, 0.051, 1.0, RATE).any()
