import numpy as np
import pytest
from scipy.special import softmax
from sklearn.linear_model import LinearRegression

from attune.evaluation.depth.regression import logits, regressed


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
