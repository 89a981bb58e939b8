"""Entropy and divergence against scipy and their extremes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from attune.attention.statistics import divergence, effective_windows, normalised_entropy, position

WEIGHTS = st.lists(st.floats(0, 1), min_size=2, max_size=50).filter(lambda w: sum(w) > 0.01)


def normal(values):
    return np.array(values) / np.sum(values)


@given(WEIGHTS)
def test_entropy_agrees_with_scipy_and_lies_between_0_and_1(values):
    weights = normal(values)
    assert normalised_entropy(weights) == pytest.approx(stats.entropy(weights, base=len(weights)))
    assert -1e-12 <= normalised_entropy(weights) <= 1 + 1e-12
    assert effective_windows(weights) == pytest.approx(np.exp(stats.entropy(weights)))


@pytest.mark.parametrize("windows", [2, 7, 300])
def test_uniform_attention_has_entropy_one_and_as_many_effective_windows_as_there_are(windows):
    uniform = np.full(windows, 1 / windows)
    assert normalised_entropy(uniform) == pytest.approx(1)
    assert effective_windows(uniform) == pytest.approx(windows)
    assert position(uniform) == pytest.approx(0.5)


def test_attention_on_one_window_has_entropy_zero():
    weights = np.eye(1, 9, 6)[0]
    assert normalised_entropy(weights) == 0
    assert effective_windows(weights) == 1
    assert position(weights) == 6 / 8


def test_a_single_window_has_neither_entropy_nor_position():
    assert np.isnan([normalised_entropy(np.ones(1)), position(np.ones(1))]).all()


@given(st.lists(st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)), min_size=2, max_size=40))
def test_divergence_is_what_entropy_grows_by_when_the_two_are_mixed(pairs):
    one, other = (normal(side) for side in zip(*pairs, strict=True))
    together = stats.entropy((one + other) / 2, base=2)
    apart = (stats.entropy(one, base=2) + stats.entropy(other, base=2)) / 2
    assert divergence(one, other) == pytest.approx(together - apart, abs=1e-9)
    assert divergence(one, other) == pytest.approx(divergence(other, one))


def test_divergence_is_0_for_equal_and_1_for_disjoint_attention():
    assert divergence(np.array([0.5, 0.5, 0]), np.array([0.5, 0.5, 0])) == 0
    assert divergence(np.array([0.5, 0.5, 0, 0]), np.array([0, 0, 0.9, 0.1])) == pytest.approx(1)
