import numpy as np
import pytest
from scipy.special import softmax
from sklearn.linear_model import LinearRegression

from attune.evaluation.bootstrap import draw
from attune.evaluation.depth.regression import Fitted, logits, regressed, resampled_ccc


def test_it_is_the_least_squares_of_scikit_learn():
    rng = np.random.default_rng(1)
    p, asked = softmax(rng.normal(size=(80, 3)), axis=1), softmax(rng.normal(size=(20, 3)), axis=1)
    ratings = rng.normal(3, 1, 80)
    theirs = LinearRegression().fit(np.log(p)[:, :2] - np.log(p)[:, 2:], ratings)
    assert regressed(p, ratings, asked) == pytest.approx(theirs.predict(np.log(asked)[:, :2] - np.log(asked)[:, 2:]))


def test_ratings_that_are_linear_in_the_logits_are_found_exactly():
    rng = np.random.default_rng(2)
    true = rng.normal(size=(30, 3))
    p = softmax(true, axis=1)
    ratings = 3 + logits(p) @ [0.5, -1.0]
    assert regressed(p[:20], ratings[:20], p[20:]) == pytest.approx(ratings[20:])


def test_few_utterances_of_one_answer_do_not_break_it():
    p = np.tile([0.2, 0.3, 0.5], (4, 1))
    assert regressed(p, [2, 3, 4, 3], p[:1]) == pytest.approx([3.0])


def test_every_resample_is_what_fitting_and_scoring_its_utterances_by_hand_gives():
    rng = np.random.default_rng(3)
    folds = []
    for number in range(2):
        p = softmax(rng.normal(size=(60, 3)), axis=1)
        ratings = 3 + logits(p) @ [0.5, -0.4] + rng.normal(0, 0.5, 60)
        drawn = [
            draw(np.arange(30) // 6, np.arange(30) // 3, resamples=5, seed=7 + 2 * number + part) for part in (0, 1)
        ]
        folds.append(Fitted(p[:30], ratings[:30], drawn[0], p[30:], ratings[30:], drawn[1]))
    for resample, found in enumerate(resampled_ccc(folds)):
        said, true = [], []
        for fold in folds:
            line = LinearRegression().fit(logits(fold.given), fold.ratings, sample_weight=fold.developed[resample])
            said += np.repeat(line.predict(logits(fold.asked)), fold.tested[resample]).tolist()
            true += np.repeat(fold.rated, fold.tested[resample]).tolist()
        apart = np.mean(true) - np.mean(said)
        by_hand = 2 * np.cov(true, said, ddof=0)[0, 1] / (np.var(true) + np.var(said) + apart**2)
        assert found == pytest.approx(by_hand)
