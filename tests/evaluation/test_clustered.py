"""Means and UAR with clustered intervals, against the plain bootstrap and scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import balanced_accuracy_score

from attune.evaluation.bootstrap import clusters, draw, mean, resampled_sums, two_sided
from attune.evaluation.clustered import Clustered

ORDER = pd.Index([f"u{i:02d}" for i in range(60)])
WHO = pd.DataFrame({"speaker": [i // 6 for i in range(60)], "dialog": [i // 6 for i in range(60)]}, index=ORDER)


@pytest.fixture
def clustered():
    rng = np.random.default_rng(1)
    speakers = [i // 6 for i in range(60)]
    draws = draw(speakers, speakers, resamples=400, seed=1)
    actual = pd.DataFrame({"arousal": rng.integers(0, 3, 60)}, index=ORDER)
    return Clustered(ORDER, draws, 0.95, actual, who=WHO), draws, actual


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
        Clustered(ORDER, clustered[1], 0.95, who=WHO).uar("arousal", pd.Series(0, index=ORDER))


@pytest.mark.parametrize(("share", "speakers"), [(1.0, 3), (0.0, 3), (1.0, 10)])
def test_a_share_in_which_all_agree_has_the_exact_interval_of_as_many_observations_as_speakers(
    clustered, share, speakers
):
    own, _, actual = clustered
    chosen = ORDER[: 6 * speakers]
    low, high = stats.binomtest(round(share * speakers), speakers).proportion_ci(0.95, method="exact")
    found = own.mean(pd.Series(share, index=chosen), share=True)
    assert (found["value"], found["low"], found["high"]) == pytest.approx((share, low, high))
    if share == 1:
        found = own.uar("arousal", actual.loc[chosen, "arousal"])
        assert (found["value"], found["low"], found["high"]) == pytest.approx((1, low, high))


def test_of_one_speaker_dialogs_are_counted_and_of_one_dialog_utterances():
    assert clusters(["A"] * 6, list("112233")) == 3
    assert clusters(["A"] * 6, ["1"] * 6) == 6
    assert clusters(["A"] * 3 + ["B"] * 3, list("112233")) == 2


@pytest.mark.parametrize("speakers", [1, 2, 4, 6])
def test_p_is_never_smaller_than_that_of_a_sign_test_on_speakers(clustered, speakers):
    own, _, actual = clustered
    chosen = ORDER[: 6 * speakers]
    expected = stats.binomtest(speakers, speakers).pvalue if speakers > 1 else 2 ** (1 - 6)
    assert own.mean(pd.Series(0.5, index=chosen))["p"] == pytest.approx(expected)
    wrong = (actual.loc[chosen, "arousal"] + 1) % 3
    assert own.difference("arousal", actual.loc[chosen, "arousal"], wrong)["p"] == pytest.approx(expected)


def test_few_speakers_are_not_taken_for_evidence_as_often_as_resampling_them_does():
    rng = np.random.default_rng(6)
    found = {"floored": 0, "resampled": 0}
    names = pd.Index([f"u{i}" for i in range(3)])
    who = pd.DataFrame({"speaker": names, "dialog": names}, index=names)
    draws = draw(names, names, resamples=200, seed=1)
    own = Clustered(names, draws, 0.95, who=who)
    for _ in range(200):
        values = pd.Series(rng.normal(size=3), index=names)
        found["floored"] += own.mean(values)["p"] <= 0.05
        found["resampled"] += two_sided(resampled_sums(values.to_numpy()[:, None], draws)[:, 0]) <= 0.05
    assert found["floored"] <= 0.08 * 200
    assert found["resampled"] >= 0.15 * 200
