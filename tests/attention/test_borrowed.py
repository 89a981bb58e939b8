"""The null that keeps position: against literal exchange, and its level and power on simulated attention."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from attune.attention.borrowed import GROUP, Borrowed, groups
from benchmarks.attention_simulation import TESTS, rejections
from benchmarks.probing_simulation import agreement, means, reweighing

pytestmark = pytest.mark.slow


def made(rng, n=60, follow=0.0):
    """Pairs of numbers: a statistic is how close a pair is."""
    one = rng.normal(size=n)
    other = rng.normal(size=n) + follow * one
    lengths = rng.integers(50, 200, n)
    return lengths, lambda u, members: (one[u] * other[members])[None], one, other


def test_utterances_exchange_with_neighbours_in_length_and_each_is_in_one_group():
    lengths = np.random.default_rng(1).integers(10, 500, 200)
    found = groups(lengths)
    assert sorted(np.concatenate(found)) == list(range(200))
    assert all(GROUP / 2 <= len(members) <= 2 * GROUP for members in found)
    edges = [(lengths[members].min(), lengths[members].max()) for members in found]
    assert all(before[1] <= after[0] for before, after in pairwise(edges))


def test_own_and_expected_are_the_fit_to_oneself_and_the_mean_fit_to_the_others():
    lengths, statistic, one, other = made(np.random.default_rng(2))
    borrowed = Borrowed(lengths, statistic)
    np.testing.assert_allclose(borrowed.own(0), one * other)
    for members in groups(lengths):
        for u in members:
            others = [one[u] * other[v] for v in members if v != u]
            assert borrowed.expected(0)[u] == pytest.approx(np.mean(others))


def test_the_null_is_that_of_exchanging_by_hand():
    rng = np.random.default_rng(3)
    lengths, statistic, one, other = made(rng, n=20)
    test = Borrowed(lengths, statistic).test(0, np.ones(20, bool), rounds=4000, seed=1, confidence=0.95)
    by_hand = [np.mean(one * rng.permutation(other)) for _ in range(4000)]
    np.testing.assert_allclose([test.low, test.high], np.quantile(by_hand, [0.025, 0.975]), atol=0.06)
    exact = np.mean(np.abs(by_hand - np.mean(by_hand)) >= abs(np.mean(one * other) - np.mean(by_hand)))
    assert test.p == pytest.approx(exact, abs=0.03)
    assert sum(test.null.counts) == 4000
    bars = np.linspace(test.null.low, test.null.high, len(test.null.counts) + 1)
    middles = (bars[1:] + bars[:-1]) / 2
    assert np.average(middles, weights=test.null.counts) == pytest.approx(np.mean(by_hand), abs=0.02)


def test_p_is_uniform_where_there_is_nothing_and_small_where_there_is_something():
    rng = np.random.default_rng(4)

    def p(follow, seed):
        lengths, statistic, *_ = made(rng, follow=follow)
        return Borrowed(lengths, statistic).test(0, np.ones(60, bool), rounds=199, seed=seed, confidence=0.95).p

    assert stats.kstest([p(0.0, seed) for seed in range(200)], "uniform").pvalue > 1e-3
    assert np.mean([p(1.0, seed) <= 0.05 for seed in range(50)]) > 0.9


def test_only_the_counted_utterances_are_tested_and_the_seed_decides_the_rounds():
    lengths, statistic, one, other = made(np.random.default_rng(5), follow=2.0)
    borrowed, counted = Borrowed(lengths, statistic), np.arange(60) < 30
    same = [borrowed.test(0, counted, rounds=99, seed=seed, confidence=0.95) for seed in (1, 1, 2)]
    assert same[0] == same[1] != same[2]
    assert same[0].high < np.mean((one * other)[:30])


def test_an_utterance_without_another_of_its_kind_has_nothing_to_expect():
    assert np.isnan(Borrowed([10], lambda u, members: np.ones((1, 1))).expected(0)).all()


@pytest.mark.parametrize("name", TESTS)
def test_each_test_holds_its_level_where_attention_is_placed_at_random_but_prefers_the_edges(name):
    found = rejections(trials=60, utterances=48, effect=0.0)
    assert found[name] <= stats.binom.ppf(0.999, 60, 0.05) / 60
    assert found["chance"] > 0.9, "chance as the null would be wrong here, or this null would not be needed"
    assert found["shifted"] > 0.5, "and so would shifted attention"


@pytest.mark.parametrize("name", ["cue_hit", "cue_mass", "contribution_hit", "energy_correlation"])
def test_each_test_finds_a_planted_effect(name):
    assert rejections(trials=20, utterances=48, effect=1.0)[name] > 0.8


def test_a_mean_of_few_utterances_gets_no_verdict_where_there_is_nothing_and_one_where_there_is_something():
    assert means(trials=40, utterances=30, effect=0.0, speakers=0.5) <= 0.125
    assert means(trials=15, utterances=30, effect=1.2, speakers=0.0) >= 0.9


def test_other_weights_get_a_verdict_where_they_are_worse_and_none_where_they_are_as_good():
    assert reweighing(trials=40, effect=0.0, speakers=0.0) <= 0.125
    assert reweighing(trials=10, effect=0.15, speakers=0.0) >= 0.8


def test_attention_that_prefers_the_same_places_as_something_does_not_agree_with_it():
    found = agreement(trials=15, utterances=30, effect=0.0)
    assert found["over"] <= 0.14
    assert found["zero"] > 0.5, "zero is no null that fits"
    assert agreement(trials=8, utterances=30, effect=1.0)["over"] >= 0.8
