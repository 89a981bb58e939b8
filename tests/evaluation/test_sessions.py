"""Pooled against fold by fold, where the difference is known."""

import numpy as np
import pytest

from attune.evaluation.bootstrap import draw
from attune.evaluation.depth.sessions import compare
from attune.evaluation.scores import summands


def made(shift, n=400, seed=0):
    """Ratings of two sessions that lie `shift` apart while their predictions do not."""
    rng = np.random.default_rng(seed)
    folds = np.repeat(["s1", "s2"], n // 2)
    truth = rng.normal(3, 0.5, n)
    rating = np.clip(truth + shift * (folds == "s2"), 1, 5)
    score = np.clip(truth + rng.normal(0, 0.2, n), 1, 5)
    actual = np.digitize(rating, [2.5, 3.5])
    summed = summands(actual, np.digitize(score, [2.5, 3.5]), rating, score)
    speakers = np.array([f"{fold}{i % 2}" for i, fold in enumerate(folds)])
    return summed, folds, draw(speakers, folds, resamples=200, seed=1)


def test_without_a_shift_pooling_changes_nothing():
    summed, folds, draws = made(0.0)
    found = compare(summed, folds, "ccc", draws, 0.95)
    assert found.over.low <= 0 <= found.over.high
    assert found.mean == pytest.approx(np.mean(list(found.by_fold.values())))
    assert found.over.value == pytest.approx(found.pooled - found.mean)


def test_a_score_of_a_fold_is_that_of_its_utterances():
    from sklearn.metrics import recall_score

    summed, folds, draws = made(0.3)
    cells = summed[:, :9].argmax(axis=1)
    own = folds == "s2"
    expected = recall_score(cells[own] // 3, cells[own] % 3, average="macro")
    assert compare(summed, folds, "uar", draws, 0.95).by_fold["s2"] == pytest.approx(expected)


def test_ratings_and_predictions_that_shift_together_flatter_the_pooled_ccc():
    rng = np.random.default_rng(4)
    folds = np.repeat(["s1", "s2"], 200)
    height = 1.5 * (folds == "s2")
    rating, score = (2 + height + rng.normal(0, 0.2, 400) for _ in range(2))
    classes = np.digitize(rating, [2.5, 3.5])
    draws = draw(np.array([f"{f}{i % 10}" for i, f in enumerate(folds)]), folds, resamples=200, seed=1)
    found = compare(summands(classes, classes, rating, score), folds, "ccc", draws, 0.95)
    assert found.pooled > 0.9
    assert max(found.by_fold.values()) < 0.2
    assert found.over.low > 0.5


def test_a_resample_without_anybody_of_a_fold_counts_the_others():
    summed, folds, draws = made(0.0)
    draws = draws.copy()
    draws[:50, folds == "s1"] = 0
    assert np.isfinite(compare(summed, folds, "uar", draws, 0.95).over.low)


@pytest.mark.filterwarnings("error")
def test_categories_have_no_moments_and_are_compared_all_the_same():
    summed, folds, draws = made(0.0)
    summed[:, 9:], draws = np.nan, draws.copy()
    draws[:50, folds == "s1"] = 0
    assert np.isfinite(compare(summed, folds, "uar", draws, 0.95).over.low)
