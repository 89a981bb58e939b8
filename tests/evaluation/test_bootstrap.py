"""The hierarchical bootstrap against a literal one that draws names, and against what theory says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics

from attune.evaluation.bootstrap import draw, holm, interval, mean, paired_difference, resampled_sums
from attune.evaluation.scores import SCORES, summands

pytestmark = pytest.mark.slow


SPEAKERS = np.array(["A"] * 7 + ["B"] * 4 + ["C"] * 5)
DIALOGS = np.array([*"1112233", *"1122", *"45566"])


def literal_draw(speakers, dialogs, rng):
    """One resample, drawn as one would by hand."""
    counts = np.zeros(len(speakers), dtype=int)
    names = sorted(set(speakers))
    for speaker in rng.choice(names, len(names)):
        own = sorted(set(dialogs[speakers == speaker]))
        for dialog in rng.choice(own, len(own)):
            members = np.flatnonzero((speakers == speaker) & (dialogs == dialog))
            np.add.at(counts, rng.choice(members, len(members)), 1)
    return counts


@pytest.fixture(scope="module")
def both():
    rng = np.random.default_rng(11)
    fast = draw(SPEAKERS, DIALOGS, resamples=4000, seed=3)
    literal = np.array([literal_draw(SPEAKERS, DIALOGS, rng) for _ in range(4000)])
    return fast, literal


def test_counts_have_the_distribution_of_drawing_by_hand(both):
    fast, literal = both
    np.testing.assert_allclose(fast.mean(axis=0), literal.mean(axis=0), atol=0.15)
    np.testing.assert_allclose(np.cov(fast.T), np.cov(literal.T), atol=0.45)
    for utterance in range(len(SPEAKERS)):
        assert stats.ks_2samp(fast[:, utterance], literal[:, utterance]).pvalue > 1e-4


def test_resampled_scores_have_the_distribution_of_drawing_by_hand(both):
    rng = np.random.default_rng(5)
    rows = summands(rng.integers(0, 3, 16), rng.integers(0, 3, 16), rng.uniform(1, 5, 16), rng.uniform(1, 5, 16))
    for score in SCORES.values():
        fast, literal = (score(resampled_sums(rows, counts)) for counts in both)
        assert stats.ks_2samp(fast, literal).pvalue > 1e-4


def test_a_resample_scores_exactly_as_the_utterances_it_holds(both):
    rng = np.random.default_rng(6)
    actual, predicted = rng.integers(0, 3, 16), rng.integers(0, 3, 16)
    rating, score = rng.uniform(1, 5, 16), rng.uniform(1, 5, 16)
    counts = both[0][:50]
    sums = resampled_sums(summands(actual, predicted, rating, score), counts)
    for drawn, uar, mae in zip(counts, SCORES["uar"](sums), SCORES["mae"](sums), strict=True):
        a, p = np.repeat(actual, drawn), np.repeat(predicted, drawn)
        recall = metrics.recall_score(a, p, labels=np.unique(a), average="macro", zero_division=0)
        assert uar == pytest.approx(recall)
        assert mae == pytest.approx(np.abs(np.repeat(score, drawn) - np.repeat(rating, drawn)).mean())


def test_where_speakers_are_not_known_dialogs_are_drawn_as_speakers_would_be():
    nobody = np.arange(len(DIALOGS))
    expected = draw(DIALOGS, DIALOGS, resamples=50, seed=3)
    np.testing.assert_array_equal(draw(nobody, DIALOGS, resamples=50, seed=3), expected)


def test_draws_are_those_of_their_seed():
    again = draw(SPEAKERS, DIALOGS, resamples=50, seed=3)
    np.testing.assert_array_equal(again, draw(SPEAKERS, DIALOGS, resamples=50, seed=3))
    assert (again != draw(SPEAKERS, DIALOGS, resamples=50, seed=4)).any()


@given(st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from("12")), min_size=1, max_size=20))
def test_a_single_cluster_is_drawn_back_in_full_and_no_resample_is_empty(labels):
    speakers, dialogs = zip(*labels, strict=True)
    counts = draw(speakers, dialogs, resamples=20, seed=1)
    assert counts.shape == (20, len(labels))
    assert (counts.sum(axis=1) > 0).all()
    if len(set(speakers)) == len(set(dialogs)) == 1:
        assert (counts.sum(axis=1) == len(labels)).all()


def test_a_dialog_of_two_speakers_is_drawn_for_each_by_itself():
    speakers, dialogs = np.array(["A", "B"] * 30), np.repeat([f"d{i}" for i in range(30)], 2)
    counts = draw(speakers, dialogs, resamples=400, seed=1)
    one_each = counts[(counts[:, ::2].sum(axis=1) == 30)]
    assert abs(np.corrcoef(one_each[:, 0], one_each[:, 1])[0, 1]) < 0.25


def test_the_interval_of_a_mean_matches_the_normal_one_where_utterances_are_independent():
    values = np.random.default_rng(8).normal(size=400)
    names = np.arange(400)
    estimate = mean(values, draw(names, names, resamples=4000, seed=1), 0.95)
    error = values.std() / 20
    assert estimate.value == pytest.approx(values.mean())
    assert estimate.low == pytest.approx(values.mean() - 1.96 * error, abs=0.15 * error)
    assert estimate.high == pytest.approx(values.mean() + 1.96 * error, abs=0.15 * error)


def test_missing_values_do_not_count_towards_a_mean():
    values = np.array([1.0, np.nan, 3.0, np.nan])
    draws = np.array([[1, 1, 1, 1], [4, 0, 0, 0], [0, 4, 0, 0]], dtype=np.int32)
    estimate = mean(values, draws, 0.9)
    assert (estimate.value, estimate.n) == (2.0, 2)
    assert (estimate.low, estimate.high) == pytest.approx(np.quantile([2.0, 1.0], [0.05, 0.95]))
    with pytest.raises(ValueError, match="no value"):
        mean([np.nan] * 4, draws, 0.9)


def clustered(rng, speakers=10, dialogs=4, utterances=6):
    """Values with a spread between speakers, between dialogs and between utterances; the true mean is 0."""
    shape = (speakers, dialogs, utterances)
    values = rng.normal(size=(speakers, 1, 1)) + 0.5 * rng.normal(size=(speakers, dialogs, 1)) + rng.normal(size=shape)
    speaker, dialog, _ = np.indices(shape)
    return values.ravel(), speaker.ravel(), (speaker * dialogs + dialog).ravel()


def test_intervals_of_ten_speakers_nearly_cover_and_those_of_independent_utterances_do_not():
    rng = np.random.default_rng(20)
    hits = {"clustered": 0, "independent": 0}
    for trial in range(200):
        values, speaker, dialog = clustered(rng)
        single = np.arange(len(values))
        for name, (top, middle) in {"clustered": (speaker, dialog), "independent": (single, single)}.items():
            estimate = mean(values, draw(top, middle, resamples=200, seed=trial), 0.95)
            hits[name] += estimate.low <= 0 <= estimate.high
    assert 0.85 <= hits["clustered"] / 200 <= 0.99
    assert hits["independent"] / 200 < 0.6


def total(sums):
    return sums[..., 0]


def test_a_system_does_not_differ_from_itself():
    rows = np.random.default_rng(1).normal(size=(16, 1))
    difference = paired_difference(rows, rows, total, draw(SPEAKERS, DIALOGS, resamples=200, seed=1), 0.95)
    assert difference == (0, 0, 0, 1)


def test_a_paired_difference_is_the_resampled_difference_of_the_scores():
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(2, 16, 1))
    draws = draw(SPEAKERS, DIALOGS, resamples=500, seed=1)
    expected = draws @ (a - b)[:, 0]
    difference = paired_difference(a, b, total, draws, 0.9)
    assert difference.value == pytest.approx((a - b).sum())
    assert (difference.low, difference.high) == pytest.approx(np.quantile(expected, [0.05, 0.95]))
    side = min((expected <= 0).sum(), (expected >= 0).sum())
    assert difference.p == pytest.approx(min(1, 2 * (side + 1) / 501))


def test_pairing_finds_a_small_gain_that_separate_intervals_hide():
    rng = np.random.default_rng(3)
    values, speaker, dialog = clustered(rng)
    draws = draw(speaker, dialog, resamples=500, seed=1)
    better = values + 0.2 + 0.05 * rng.normal(size=len(values))
    ours, theirs = mean(better, draws, 0.95), mean(values, draws, 0.95)
    assert ours.low < theirs.high
    counted = [np.column_stack([column, np.ones(len(column))]) for column in (better, values)]
    difference = paired_difference(*counted, lambda sums: sums[..., 0] / sums[..., 1], draws, 0.95)
    assert difference.low > 0
    assert difference.p < 0.01


def test_systems_on_other_utterances_cannot_be_paired():
    with pytest.raises(ValueError, match="same utterances"):
        paired_difference(np.ones((3, 1)), np.ones((4, 1)), total, np.ones((5, 3), dtype=np.int32), 0.95)


def test_the_interval_holds_the_share_it_says():
    assert interval(np.arange(1001.0), 0.9) == pytest.approx((50, 950))


def literal_holm(p):
    """Reject in order of p while p <= alpha / (hypotheses left); the adjusted p is the smallest alpha that rejects."""
    adjusted = []
    for own in p:
        ranked = sorted(p)
        position = ranked.index(own)
        adjusted.append(min(1.0, max(ranked[i] * (len(p) - i) for i in range(position + 1))))
    return adjusted


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8, unique=True))
def test_holm_is_the_smallest_level_that_rejects(p):
    assert holm(p) == pytest.approx(literal_holm(p))


def test_holm_of_a_textbook_family():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
