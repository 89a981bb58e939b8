"""What the best predictor could reach, against simulated raters whose truth is known."""

import numpy as np
import pytest
from scipy.stats import norm

from attune.evaluation.depth.ceiling import ceiling, noise_variance
from attune.tasks import PAPER

EDGES = np.concatenate([[-np.inf], np.arange(1.5, 5), [np.inf]])


def felt(rng, n):
    return np.clip(rng.normal(3, 0.8, n), 0.5, 5.5)


def rated(rng, truth, noise, raters):
    return np.clip(np.rint(truth[:, None] + noise * rng.standard_normal((len(truth), raters))), 1, 5)


def reached(noise, raters, n=200_000):
    """UAR and CCC of a predictor that knows what is felt and has learnt the best rule from endless examples."""
    rng = np.random.default_rng(9)
    truth = felt(rng, n)
    labels = rated(rng, truth, noise, raters).mean(axis=1)
    shares = np.zeros((200, 3))
    np.add.at(shares, ((truth - 0.5) / 5.0001 * 200).astype(int), 0)
    np.add.at(shares, (((truth - 0.5) / 5.0001 * 200).astype(int), PAPER[0].to_class(labels)), 1)
    said = np.diff(norm.cdf(EDGES, truth[:, None], noise), axis=1) @ np.arange(1, 6)
    return (shares / shares.sum(axis=0)).max(axis=1).sum() / 3, np.corrcoef(said, labels)[0, 1]


@pytest.mark.parametrize(("noise", "raters"), [(0.3, 2), (0.6, 2), (0.8, 3)])
def test_it_is_what_a_predictor_that_knows_the_truth_reaches(noise, raters):
    rng = np.random.default_rng(1)
    given = rated(rng, felt(rng, 4000), noise, raters)
    panel = np.full(len(given), raters)
    variance = noise_variance(given.std(axis=1, ddof=1), panel)
    found = ceiling(given.mean(axis=1), panel, variance, PAPER[0].to_class)
    uar, ccc = reached(noise, raters)
    assert found.uar == pytest.approx(uar, abs=0.02)
    assert found.ccc == pytest.approx(ccc, abs=0.015)


def test_ratings_that_are_no_whole_numbers_give_the_correlation_of_classical_test_theory():
    rng = np.random.default_rng(2)
    ratings = rng.normal(3, 0.6, 20_000)[:, None] + rng.normal(0, 0.5, (20_000, 2))
    panel = np.full(20_000, 2)
    variance = noise_variance(ratings.std(axis=1, ddof=1), panel)
    assert variance == pytest.approx(0.25, abs=0.01)
    found = ceiling(np.clip(ratings.mean(axis=1), 1, 5), panel, variance, PAPER[0].to_class)
    assert found.ccc == pytest.approx(np.sqrt(0.36 / (0.36 + 0.125)), abs=0.015)


def test_raters_who_agree_leave_nothing_in_the_way():
    labels = np.tile([1.0, 2.0, 3.0, 4.0, 5.0], 60)
    panel = np.full(len(labels), 3)
    found = ceiling(labels, panel, noise_variance(np.zeros(len(labels)), panel), PAPER[0].to_class)
    assert found.uar > 0.97
    assert found.ccc > 0.98


def test_panels_of_several_sizes_are_pooled_by_their_degrees_of_freedom():
    spread, raters = np.array([1.0, 2.0, np.nan]), np.array([2.0, 4.0, 1.0])
    assert noise_variance(spread, raters) == pytest.approx((1 * 1 + 3 * 4) / 4)
    assert noise_variance(spread, raters, np.array([0, 2, 5])) == pytest.approx(4.0)


def test_one_rater_each_says_nothing_of_their_noise():
    assert np.isnan(noise_variance(np.full(3, np.nan), np.ones(3)))


def test_an_utterance_that_counts_twice_is_as_two():
    rng = np.random.default_rng(3)
    given = rated(rng, felt(rng, 60), 0.5, 2)
    labels, panel = given.mean(axis=1), np.full(60, 2)
    once = ceiling(np.repeat(labels, 2), np.repeat(panel, 2), 0.3, PAPER[0].to_class)
    assert ceiling(labels, panel, 0.3, PAPER[0].to_class, np.full(60, 2)) == pytest.approx(once)
