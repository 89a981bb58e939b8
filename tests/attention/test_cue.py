"""The pointing game on attention that was planted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_score

from attune.attention.cue import Span, captured, precision, tells, top

INSIDE = np.array([False, False, True, True, True, False, False, False, False, False])
SHARE = 0.3


def mass(weights, inside=INSIDE):
    return float(captured(np.array(weights, dtype=float)[None], [Span.of(inside).windows(len(inside))])[0, 0])


def hit(strength, inside=INSIDE):
    return mass(top(np.array(strength, dtype=float)), inside)


def test_attention_on_the_cue_alone_finds_it_fully():
    on_cue = np.where(INSIDE, 1 / 3, 0.0)
    assert (hit(on_cue, INSIDE), mass(on_cue, INSIDE), precision(on_cue, INSIDE)) == pytest.approx((1, 1, 1))


def test_attention_beside_the_cue_misses_it_fully():
    beside = np.where(INSIDE, 0.0, np.linspace(0.1, 0.2, 10))
    assert (hit(beside, INSIDE), mass(beside, INSIDE), precision(beside, INSIDE)) == (0, 0, 0)


def test_uniform_attention_finds_the_cue_as_often_as_its_share():
    uniform = np.full(10, 0.1)
    assert (hit(uniform, INSIDE), mass(uniform, INSIDE), precision(uniform, INSIDE)) == pytest.approx((SHARE,) * 3)


def test_two_equal_peaks_count_half_where_one_is_in_the_cue():
    peaks = np.zeros(10)
    peaks[[2, 8]] = 0.5
    assert hit(peaks, INSIDE) == 0.5
    assert precision(peaks, INSIDE) == pytest.approx((1 + 2 / 8) / 3)


def test_random_attention_finds_the_cue_as_often_as_its_share():
    rng = np.random.default_rng(1)
    strengths = rng.random((4000, 10))
    for measure in (hit, precision):
        assert np.mean([measure(one, INSIDE) for one in strengths]) == pytest.approx(SHARE, abs=0.025)


@given(st.lists(st.booleans(), min_size=2, max_size=30).filter(any), st.randoms(use_true_random=False))
def test_precision_agrees_with_scikit_learn_where_no_windows_tie(inside, random):
    inside = np.array(inside)
    strength = np.array(random.sample(range(100), len(inside)), dtype=float)
    strongest = np.zeros(len(inside), dtype=bool)
    strongest[np.argsort(-strength)[: inside.sum()]] = True
    assert precision(strength, inside) == pytest.approx(precision_score(inside, strongest))


def test_there_is_nothing_to_find_where_all_or_no_windows_are_in_the_cue():
    assert tells(INSIDE)
    assert not tells(np.ones(4, dtype=bool))
    assert not tells(np.zeros(4, dtype=bool))


@pytest.mark.parametrize(("first", "last"), [(0, 3), (2, 5), (7, 10), (4, 5)])
def test_a_hit_is_the_strongest_window_in_the_span(first, last):
    inside = (np.arange(10) >= first) & (np.arange(10) < last)
    for peak in range(10):
        assert hit(np.arange(10) == peak, inside) == pytest.approx(float(inside[peak]))


def test_a_span_keeps_its_share_in_an_utterance_of_another_length():
    span = Span.of(INSIDE)
    assert span.windows(10) == (2, 5)
    assert span.windows(100) == (20, 50)
    assert span.windows(1) == (0, 1)
    assert Span(0.5, 0.51).windows(10) == (5, 6)


def test_many_series_and_spans_are_what_one_at_a_time_gives():
    weights = np.random.default_rng(3).dirichlet(np.ones(40), 3)
    spans = [(0, 5), (10, 30), (39, 40)]
    literal = [[row[start:end].sum() for start, end in spans] for row in weights]
    np.testing.assert_allclose(captured(weights, spans), literal)
