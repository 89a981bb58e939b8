"""Scores against scikit-learn, scipy and closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics

from attune.evaluation.scores import SCORES, absent_classes, ccc, confusion, summands, uar

pytestmark = pytest.mark.slow


CLASSES = st.integers(0, 2)
RATINGS = st.integers(4, 20).map(lambda quarter: quarter / 4)
UTTERANCES = st.lists(st.tuples(CLASSES, CLASSES, RATINGS, st.floats(1, 5)), min_size=1, max_size=60)


def sums(actual, predicted, rating=None, score=None):
    flat = np.zeros(len(actual))
    return summands(actual, predicted, flat if rating is None else rating, flat if score is None else score).sum(axis=0)


def ratings_only(rating, score):
    classes = np.zeros(len(rating), dtype=int)
    return summands(classes, classes, rating, score).sum(axis=0)


@given(UTTERANCES)
def test_class_scores_agree_with_scikit_learn(rows):
    actual, predicted, *_ = map(np.array, zip(*rows, strict=True))
    present = np.unique(actual)
    ours = sums(actual, predicted)
    recall = metrics.recall_score(actual, predicted, labels=present, average="macro", zero_division=0)
    f1 = metrics.f1_score(actual, predicted, labels=present, average="macro", zero_division=0)
    assert uar(ours) == pytest.approx(recall)
    assert SCORES["macro_f1"](ours) == pytest.approx(f1)
    assert SCORES["accuracy"](ours) == pytest.approx(metrics.accuracy_score(actual, predicted))
    np.testing.assert_array_equal(confusion(ours), metrics.confusion_matrix(actual, predicted, labels=[0, 1, 2]))


def test_uar_is_balanced_accuracy_where_every_class_occurs():
    rng = np.random.default_rng(1)
    actual, predicted = rng.integers(0, 3, 500), rng.integers(0, 3, 500)
    assert uar(sums(actual, predicted)) == pytest.approx(metrics.balanced_accuracy_score(actual, predicted))


def test_a_class_without_truth_does_not_count_but_is_named():
    ours = sums([0, 0, 1, 1], [0, 2, 1, 1])
    assert uar(ours) == pytest.approx((1 / 2 + 1) / 2)
    assert absent_classes(ours) == [2]
    assert absent_classes(sums([0, 1, 2], [0, 0, 0])) == []


@given(UTTERANCES)
def test_rating_scores_agree_with_numpy(rows):
    *_, rating, score = map(np.array, zip(*rows, strict=True))
    ours = ratings_only(rating, score)
    assert SCORES["mae"](ours) == pytest.approx(metrics.mean_absolute_error(rating, score))
    assert SCORES["bias"](ours) == pytest.approx(score.mean() - rating.mean(), abs=1e-12)


@given(UTTERANCES)
def test_ccc_is_pearson_times_a_penalty_for_scale_and_shift(rows):
    *_, rating, score = map(np.array, zip(*rows, strict=True))
    if min(np.std(rating), np.std(score)) < 1e-3:
        return
    ratio, shift = np.std(rating) / np.std(score), rating.mean() - score.mean()
    penalty = 2 / (ratio + 1 / ratio + shift**2 / (np.std(rating) * np.std(score)))
    expected = stats.pearsonr(rating, score)[0] * penalty
    assert ccc(ratings_only(rating, score)) == pytest.approx(expected, abs=1e-9)


@given(UTTERANCES)
def test_every_score_is_a_finite_number_within_its_range(rows):
    ours = summands(*zip(*rows, strict=True)).sum(axis=0)
    values = {name: float(score(ours)) for name, score in SCORES.items()}
    assert np.isfinite(list(values.values())).all()
    assert all(0 <= values[name] <= 1 + 1e-12 for name in ("uar", "accuracy", "macro_f1"))
    assert -1 - 1e-9 <= values["ccc"] <= 1 + 1e-9
    assert values["mae"] >= abs(values["bias"]) - 1e-12


def test_perfect_and_reversed_ratings_have_ccc_one_and_minus_one():
    rating = np.array([1.0, 2.5, 4.0, 5.0])
    assert ccc(ratings_only(rating, rating)) == pytest.approx(1)
    assert ccc(ratings_only(rating, 2 * rating.mean() - rating)) == pytest.approx(-1)


@pytest.mark.parametrize("constant", [3.0, 0.1, 2.7182818])
def test_a_constant_prediction_has_ccc_exactly_zero(constant):
    rating = np.random.default_rng(0).uniform(1, 5, 999)
    assert ccc(ratings_only(rating, np.full(999, constant))) == 0
    assert ccc(ratings_only(np.full(999, constant), rating)) == 0
    assert ccc(ratings_only(np.full(999, constant), np.full(999, constant))) == 0


def test_a_resample_of_equal_utterances_has_ccc_zero():
    rows = summands([0, 0, 1], [0, 1, 1], [2.3, 3.1, 4.7], [2.2, 3.3, 3.9])
    only_one_drawn = np.array([0, 7, 0]) @ rows
    assert ccc(only_one_drawn) == 0


def test_a_nearly_constant_prediction_still_counts_as_varying():
    rating = np.array([1.0, 2.0, 3.0, 4.0])
    assert ccc(ratings_only(rating, 3 + 1e-7 * rating)) > 0


def test_scores_of_many_sums_are_the_scores_of_each():
    rng = np.random.default_rng(2)
    rows = summands(rng.integers(0, 3, 40), rng.integers(0, 3, 40), rng.uniform(1, 5, 40), rng.uniform(1, 5, 40))
    many = rng.integers(0, 4, (5, 6, 40)) @ rows
    for score in SCORES.values():
        together = score(many)
        assert together.shape == (5, 6)
        assert together[3, 4] == pytest.approx(float(score(many[3, 4])))


def test_no_utterances_and_unknown_classes_are_refused():
    with pytest.raises(ValueError, match="no utterances"):
        summands([], [], [], [])
    with pytest.raises(ValueError, match="classes"):
        summands([0, 3], [0, 1], [1, 1], [1, 1])
    with pytest.raises(ValueError, match="classes"):
        summands([0, 1], [0, -1], [1, 1], [1, 1])
