"""Means and UAR with clustered intervals, against the plain bootstrap and scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score

from attune.evaluation.bootstrap import draw, mean
from attune.evaluation.clustered import Clustered

ORDER = pd.Index([f"u{i:02d}" for i in range(60)])


@pytest.fixture
def clustered():
    rng = np.random.default_rng(1)
    speakers = [i // 6 for i in range(60)]
    draws = draw(speakers, speakers, resamples=400, seed=1)
    actual = pd.DataFrame({"arousal": rng.integers(0, 3, 60)}, index=ORDER)
    return Clustered(ORDER, draws, 0.95, actual), draws, actual


def test_a_mean_is_that_of_the_bootstrap_whatever_the_order_of_its_values(clustered):
    own, draws, _ = clustered
    values = pd.Series(np.random.default_rng(2).normal(size=60), index=ORDER)
    values.iloc[5] = np.nan
    expected = mean(values, draws, 0.95)
    found = own.mean(values.sample(frac=1, random_state=1))
    assert [found[name] for name in ("value", "low", "high", "n")] == pytest.approx(list(expected))


@pytest.mark.parametrize(("shift", "significant"), [(0.0, False), (1.0, True), (-1.0, True)])
def test_p_and_interval_agree_about_zero(clustered, shift, significant):
    values = pd.Series(np.random.default_rng(3).normal(size=60), index=ORDER)
    found = clustered[0].mean(values - values.mean() + shift)
    assert (found["p"] < 0.05) == significant == (found["low"] > 0 or found["high"] < 0)


def test_uar_is_that_of_scikit_learn_also_for_some_of_the_utterances(clustered):
    own, _, actual = clustered
    predicted = pd.Series(np.random.default_rng(4).integers(0, 3, 60), index=ORDER)
    for part in (predicted, predicted.iloc[10:40]):
        found = own.uar("arousal", part)
        assert found["value"] == pytest.approx(balanced_accuracy_score(actual.loc[part.index, "arousal"], part))
        assert found["low"] < found["value"] < found["high"]


def test_a_difference_to_oneself_is_nothing_and_to_a_perfect_answer_is_something(clustered):
    own, _, actual = clustered
    predicted = pd.Series(np.random.default_rng(5).integers(0, 3, 60), index=ORDER)
    same = own.difference("arousal", predicted, predicted)
    assert (same["value"], same["low"], same["high"], same["p"]) == (0, 0, 0, 1)
    better = own.difference("arousal", actual["arousal"], predicted)
    assert better["low"] > 0
    assert better["p"] < 0.05


def test_no_value_and_no_truth_are_refused(clustered):
    with pytest.raises(ValueError, match="no value"):
        clustered[0].mean(pd.Series(np.nan, index=ORDER))
    with pytest.raises(ValueError, match="not known"):
        Clustered(ORDER, clustered[1], 0.95).uar("arousal", pd.Series(0, index=ORDER))
