"""Attention over an encoder's frames as weights of the paper's windows."""

import numpy as np
import pytest

from attune.model.on_windows import on_windows


@pytest.mark.parametrize("samples", [400, 640, 8000, 16_123])
def test_weights_add_up_to_1_for_any_length(samples):
    frames, windows = 1 + (samples - 400) // 320, 1 + max(0, samples - 640) // 160
    weights = np.random.default_rng(1).dirichlet(np.ones(frames)).astype(np.float32)
    found = on_windows(weights, hop=320, field=400, windows=windows)
    assert found.shape == (windows,)
    assert found.sum() == pytest.approx(1, abs=1e-5)


def test_a_frames_weight_is_found_where_the_frame_is():
    weights = np.zeros(50, np.float32)
    weights[20] = 1
    found = on_windows(weights, hop=320, field=400, windows=97)
    seconds = (np.flatnonzero(found) * 160 + 320) / 16_000
    assert np.all(np.abs(seconds - (20 * 320 + 200) / 16_000) <= 0.011)


def test_even_weights_stay_even():
    found = on_windows(np.full(50, 0.02, np.float32), hop=320, field=400, windows=97)
    assert found[2:-2].max() == pytest.approx(found[2:-2].min(), rel=1e-4)
