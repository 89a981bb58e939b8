"""Calibration against scikit-learn, closed forms and probabilities whose truth is known."""

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss
from sklearn.preprocessing import label_binarize

from attune.evaluation.depth import calibration
from benchmarks.calibration_level import SPREADS, false_alarms


def drawn(n, sharper=1.0, seed=0):
    """Probabilities, and classes drawn from them once their logits are divided by `sharper`."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, (n, 3))
    truth = softmax(logits / sharper, axis=1)
    return softmax(logits, axis=1), (truth.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)


def test_bins_agree_with_scikit_learn():
    p, actual = drawn(3000)
    found = [one for one in calibration.reliability(calibration.summands(p, actual).sum(axis=0)) if one]
    right, sure = calibration_curve(p.argmax(axis=1) == actual, p.max(axis=1), n_bins=calibration.BINS)
    assert [one.accuracy for one in found] == pytest.approx(right.tolist())
    assert [one.confidence for one in found] == pytest.approx(sure.tolist())
    assert sum(one.n for one in found) == 3000


def test_ece_is_the_gap_between_accuracy_and_confidence_by_bin():
    p = np.array([[0.95, 0.05], [0.95, 0.05], [0.55, 0.45], [0.45, 0.55]])
    sums = calibration.summands(p, [0, 1, 0, 0]).sum(axis=0)
    assert calibration.ece(sums) == pytest.approx((2 * 0.45 + 2 * 0.05) / 4)
    assert calibration.overconfidence(sums) == pytest.approx((0.95 * 2 + 0.55 * 2) / 4 - 0.5)


def test_brier_is_the_squared_distance_from_the_truth():
    p, actual = drawn(200)
    expected = ((p - label_binarize(actual, classes=range(3))) ** 2).sum(axis=1).mean()
    assert calibration.brier(calibration.summands(p, actual).sum(axis=0)) == pytest.approx(expected)


@pytest.mark.parametrize("spread", SPREADS)
def test_ece_is_found_too_large_no_more_often_than_stated_however_much_speakers_differ(spread):
    assert 0.02 <= false_alarms(spread) <= 0.08


def test_a_network_that_is_too_sure_is_found_out_and_its_temperature_found():
    p, actual = drawn(4000, sharper=2.0)
    summed = calibration.summands(p, actual)
    null = calibration.ece_by_chance(summed, np.arange(4000) % 10, rounds=99, seed=1)
    assert (null >= calibration.ece(summed.sum(axis=0)) - 1e-12).mean() <= 0.05
    temperature = calibration.fit_temperature(p, actual)
    assert temperature == pytest.approx(2.0, abs=0.15)
    cooler = calibration.at_temperature(p, temperature)
    assert calibration.ece(calibration.summands(cooler, actual).sum(axis=0)) < 0.03
    assert cooler.argmax(axis=1).tolist() == p.argmax(axis=1).tolist()


def test_random_signs_of_one_error_leave_its_size():
    """Six speakers, one of whom answers all wrong at a confidence of .9, the others as often right as they say."""
    p = np.tile([[0.9, 0.1]], (60, 1))
    actual = np.where(np.arange(60) < 10, 1, np.arange(60) % 10 == 0)
    null = calibration.ece_by_chance(calibration.summands(p, actual), np.arange(60) // 10, rounds=9, seed=1)
    assert null == pytest.approx(np.full(9, 9 / 60))


@pytest.mark.parametrize("speakers", [np.arange(60) % 5, np.arange(60), np.zeros(60)])
def test_few_speakers_or_unknown_ones_tell_nothing_about_chance(speakers):
    p, actual = drawn(60)
    assert not calibration.ece_by_chance(calibration.summands(p, actual), speakers, rounds=9, seed=1).size


def test_no_other_temperature_is_likelier():
    p, actual = drawn(300, sharper=1.4, seed=3)
    best = calibration.fit_temperature(p, actual)
    losses = [log_loss(actual, calibration.at_temperature(p, best * by)) for by in (0.95, 1.0, 1.05)]
    assert losses[1] == min(losses)


def test_each_row_may_have_its_own_temperature():
    p, _ = drawn(3)
    apart = [calibration.at_temperature(row[None], t)[0] for row, t in zip(p, (0.5, 1, 2), strict=True)]
    assert calibration.at_temperature(p, [0.5, 1, 2]).tolist() == np.array(apart).tolist()


def test_a_probability_of_zero_is_no_infinite_loss():
    assert 0.04 < calibration.fit_temperature([[1.0, 0.0, 0.0]], [1]) < 21
