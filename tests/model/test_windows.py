"""Windows are counted, cut and padded as the paper has them."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from attune.model.windows import collate
from attune.signal import HOP, WINDOW, covered
from attune.signal import window_count as count


@given(st.integers(640, 5000))
def test_the_count_is_that_of_a_sliding_window(samples):
    assert count(samples) == len(sliding_window_view(np.zeros(samples), WINDOW)[::HOP])


@given(st.integers(1, 639))
def test_less_than_a_window_counts_as_one(samples):
    assert count(samples) == 1


@given(st.integers(640, 100_000))
def test_what_windows_cover_lacks_less_than_a_hop(samples):
    assert 0 <= samples - covered(count(samples)) < HOP


def test_a_batch_is_standardised_cut_to_whole_windows_and_padded_with_zeros():
    short, long = np.full(100, 0.5, np.float32), np.linspace(-1, 1, 900, dtype=np.float32)
    batch = collate([short, long], mean=0.25, std=0.5)
    assert batch.windows.tolist() == [1, 2]
    assert batch.waves.shape == (2, 800)
    torch.testing.assert_close(batch.waves[1], torch.from_numpy((long[:800] - 0.25) / 0.5))
    assert batch.waves[0, :100].eq(0.5).all()
    assert batch.waves[0, 100:].eq(0).all()
