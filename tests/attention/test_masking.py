"""What is masked, and what stands in its place."""

import numpy as np
import pytest

from attune.attention.probing import masking
from attune.attention.probing.masking import by_hop, masked, random_block, random_windows, samples, strongest
from attune.signal import window_count


@pytest.fixture
def sound():
    return np.random.default_rng(1).normal(0, 0.1, 16000).astype(np.float32)


def runs(mask):
    return int(np.diff(np.concatenate([[False], mask, [False]]).astype(int)).clip(0).sum())


def test_a_hop_is_as_strong_as_the_mean_of_the_windows_that_cover_it():
    weights = np.arange(1.0, 8)
    hops = by_hop(weights)
    for hop in range(len(hops)):
        covering = [weights[i] for i in range(len(weights)) if i <= hop <= i + 3]
        assert hops[hop] == pytest.approx(np.mean(covering))
    assert len(hops) == len(weights) + 3


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.5, 1.0])
def test_as_many_hops_are_chosen_as_the_share_says_and_they_are_the_strongest(share):
    strengths = np.random.default_rng(2).random(100)
    chosen = strongest(strengths, share)
    assert chosen.sum() == round(100 * share)
    if 0 < share < 1:
        assert strengths[chosen].min() > strengths[~chosen].max()


def test_random_windows_are_scattered_and_a_random_block_is_one_piece():
    rng = np.random.default_rng(3)
    scattered, block = strongest(random_windows(150, rng), 0.3), strongest(random_block(150, rng), 0.3)
    assert scattered.sum() == block.sum() == 45
    assert runs(block) == 1
    assert runs(scattered) > 4
    lengths = np.diff(np.flatnonzero(np.diff(np.concatenate([[0], scattered, [0]]))))[::2]
    assert (lengths >= 4).mean() > 0.8, "windows are four hops long"


def test_samples_are_those_of_the_hops_and_what_lies_beyond_is_as_the_last(sound):
    hops = np.zeros(window_count(len(sound)) + 3, dtype=bool)
    hops[[2, -1]] = True
    mask = samples(hops, len(sound) + 50)
    assert np.flatnonzero(mask)[:160].tolist() == list(range(320, 480))
    assert mask[-50:].all()
    assert len(samples(hops[:3], 100)) == 100


@pytest.mark.parametrize("fill", masking.FILLS)
def test_what_is_not_masked_stays_as_it_was(sound, fill):
    gone = np.zeros(len(sound), dtype=bool)
    gone[3000:7000] = True
    result = masked(sound, gone, fill, np.random.default_rng(4))
    np.testing.assert_array_equal(result[~gone], sound[~gone])
    assert (result[gone] != sound[gone]).mean() > 0.9
    assert result.dtype == np.float32


def test_silence_is_zero_noise_has_the_utterances_level_and_a_neighbour_is_the_sound_before_it_backwards(sound):
    gone = np.zeros(len(sound), dtype=bool)
    gone[3000:7000] = True
    rng = np.random.default_rng(5)
    assert not masked(sound, gone, "silence", rng)[gone].any()
    assert masked(sound, gone, "noise", rng)[gone].std() == pytest.approx(sound.std(), rel=0.05)
    beside = masked(sound, gone, "neighbour", rng)
    np.testing.assert_array_equal(beside[3000:6000], sound[:3000][::-1])


def test_neighbours_come_from_after_a_gap_at_the_start_and_are_zero_where_nothing_is_left(sound):
    rng, start = np.random.default_rng(6), np.arange(len(sound)) < 500
    np.testing.assert_array_equal(masked(sound, start, "neighbour", rng)[:500], sound[500:1000])
    assert not masked(sound, np.ones(len(sound), dtype=bool), "neighbour", rng).any()
