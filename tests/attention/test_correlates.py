"""Correlation with energy against scipy, and its shift null against literal shifting and against chance."""

import numpy as np
import pytest
from scipy import stats

from attune.attention.correlates import ShiftNull, shifted_correlations, standing


def smooth(rng, windows, width=8):
    """A series whose neighbours resemble each other, as overlapping windows do."""
    return np.convolve(rng.normal(size=windows + width), np.ones(width) / width, mode="valid")[:windows]


@pytest.mark.parametrize("windows", [2, 3, 50, 101])
def test_every_shift_has_spearmans_correlation(windows):
    rng = np.random.default_rng(windows)
    weights, energy = rng.permutation(windows), np.round(rng.normal(size=windows), 1)
    energy[0] = 9
    expected = [stats.spearmanr(weights, np.roll(energy, -k))[0] for k in range(windows)]
    np.testing.assert_allclose(shifted_correlations(weights, energy), expected, atol=1e-8)


def test_attention_that_is_energy_correlates_fully_and_stands_out():
    energy = smooth(np.random.default_rng(1), 120)
    weights = np.exp(energy) / np.exp(energy).sum()
    found = standing(shifted_correlations(weights, energy))
    assert (found.correlation, found.above, found.below) == (1, True, False)
    opposite = standing(shifted_correlations(-weights, energy))
    assert (opposite.correlation, opposite.above, opposite.below) == (-1, False, True)
    assert found.null_low < 0 < found.null_high < 1


@pytest.mark.parametrize(
    ("weights", "energy"), [([1.0], [3.0]), ([0.25] * 4, [1.0, 2, 3, 4]), ([0.1, 0.2, 0.3, 0.4], [-100.0] * 4)]
)
def test_nothing_correlates_with_a_constant_or_a_single_window(weights, energy):
    assert shifted_correlations(np.array(weights), np.array(energy)) is None


def test_unrelated_attention_stands_out_no_more_often_than_the_tail_allows():
    rng = np.random.default_rng(2)
    found = [standing(shifted_correlations(smooth(rng, 100), smooth(rng, 100))) for _ in range(2000)]
    assert np.mean([one.above for one in found]) == pytest.approx(0.05, abs=0.02)
    assert np.mean([one.below for one in found]) == pytest.approx(0.05, abs=0.02)
    textbook = np.mean([stats.spearmanr(smooth(rng, 100), smooth(rng, 100)).pvalue < 0.05 for _ in range(300)])
    assert textbook > 0.2, "the usual p-value would be misled, or this null would not be needed"


def null_of(rng, utterances, shifts, seed, follow=0.0):
    null = ShiftNull(shifts, seed)
    for _ in range(utterances):
        energy = smooth(rng, 60)
        null.add(shifted_correlations(smooth(rng, 60) + follow * energy, energy))
    return null


def test_p_is_uniform_where_attention_has_nothing_to_do_with_energy():
    rng = np.random.default_rng(3)
    p = [null_of(rng, utterances=10, shifts=99, seed=trial).p for trial in range(300)]
    assert stats.kstest(p, "uniform").pvalue > 1e-3


def test_a_weak_link_that_no_utterance_shows_by_itself_shows_in_the_mean():
    rng = np.random.default_rng(4)
    null = null_of(rng, utterances=200, shifts=199, seed=1, follow=0.3)
    assert null.p == 1 / 200
    assert np.abs(null.means).max() < 0.15


def test_the_null_of_the_mean_is_that_of_shifting_by_hand():
    rng = np.random.default_rng(5)
    pairs = [(smooth(rng, 40), smooth(rng, 40)) for _ in range(8)]
    null = ShiftNull(3000, seed=1)
    for weights, energy in pairs:
        null.add(shifted_correlations(weights, energy))
    by_hand = [np.mean([stats.spearmanr(np.roll(w, rng.integers(40)), e)[0] for w, e in pairs]) for _ in range(300)]
    assert stats.ks_2samp(null.means, by_hand).pvalue > 1e-3


def test_the_null_is_that_of_its_seed():
    one, again, other = (null_of(np.random.default_rng(0), 5, 50, seed).means for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()
