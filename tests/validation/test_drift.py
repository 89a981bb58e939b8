"""Differences are told where they are, of the size they have, and hardly ever where there are none."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.stats import mannwhitneyu

from attune.tasks import PAPER
from attune.validation.drift.comparison import Side, compare, difference, superiority


def corpus(seed, speakers=12, each=40, level=0.0, pitch=1.0, **moved):
    """Speakers differ in level and pitch by more than their utterances do."""
    rng = np.random.default_rng(seed)
    rows = []
    for speaker in range(speakers):
        own_level, own_pitch = rng.normal(-25, 3), rng.choice([115, 205]) * 2 ** rng.uniform(-0.25, 0.25)
        for _ in range(each):
            rows.append(
                {
                    "speaker": f"s{speaker}",
                    "level": own_level + rng.normal(0, 3) + level,
                    "duration": rng.lognormal(1.2, 0.6),
                    "pitch": own_pitch * 2 ** rng.normal(0, 0.15) * pitch,
                    **{task.name: rng.normal(3 + moved.get(task.name, 0.0), 0.8) for task in PAPER},
                }
            )
    return Side(f"corpus {seed}", pd.DataFrame(rows), PAPER)


def differing(drift):
    found = {one.name for one in drift.measures if one.verdict == "differs"}
    return found | {one.task for one in drift.classes if one.verdict == "differs"}


def test_the_effect_is_mann_and_whitneys_ties_included():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 6, 70), rng.integers(1, 7, 40)
    found = superiority(a, b, [f"a{n}" for n in range(70)], [f"b{n}" for n in range(40)])
    assert found.value == pytest.approx(mannwhitneyu(b, a).statistic / (70 * 40))
    assert found.value == pytest.approx(np.mean([(y > x) + (y == x) / 2 for x, y in itertools.product(a, b)]))


def test_without_common_speakers_the_interval_is_that_of_a_normal_difference_of_shares():
    a, b = np.arange(400) % 4 == 0, np.arange(300) % 3 == 0
    found = difference(a, b, [f"a{n}" for n in range(400)], [f"b{n}" for n in range(300)])
    error = np.sqrt(0.25 * 0.75 / 400 + (1 / 3) * (2 / 3) / 300)
    assert found.value == pytest.approx(1 / 3 - 1 / 4)
    assert (found.high - found.low) / 2 == pytest.approx(1.968 * error, rel=0.01)


def test_the_interval_covers_the_truth_about_as_often_as_it_says_though_speakers_differ():
    covered = []
    for seed in range(80):
        a, b = corpus(seed, each=8).table, corpus(1000 + seed, each=8).table
        found = superiority(a["level"], b["level"], a["speaker"].tolist(), b["speaker"].tolist())
        covered.append(found.low <= 0.5 <= found.high)
    assert 0.9 <= np.mean(covered) <= 1.0


def test_it_covers_the_truth_where_some_speak_far_more_than_others():
    covered = []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        sets = []
        for _ in range(2):
            speakers = np.repeat(np.arange(5), np.ceil(30 * rng.lognormal(0, 1, 5)).astype(int))
            sets.append(
                (rng.normal(0, 1, 5)[speakers] + rng.normal(0, 1, len(speakers)), speakers.astype(str).tolist())
            )
        (a, of_a), (b, of_b) = sets
        found = superiority(a, b, of_a, of_b)
        covered.append(found.low <= 0.5 <= found.high)
    assert np.mean(covered) >= 0.93


def test_one_corpus_split_in_two_hardly_ever_differs_whether_by_utterance_or_by_speaker():
    flagged = 0
    for seed in range(25):
        whole = corpus(seed)
        rng = np.random.default_rng(seed)
        by_utterance = pd.Series(rng.random(len(whole.table)) < 0.5)
        chosen = set(rng.permutation(whole.table["speaker"].unique())[:6])
        for half in (by_utterance, whole.table["speaker"].isin(chosen)):
            drift = compare(Side("a", whole.table[half], PAPER), Side("b", whole.table[~half], PAPER))
            flagged += bool(differing(drift))
    assert flagged <= 2  # of 50 comparisons, each of twelve effects


def test_words_for_the_classes_are_compared_with_ratings_that_fall_into_them():
    rated = corpus(0)
    words = rated.table.assign(**{task.name: task.to_class(rated.table[task.name]) for task in PAPER})
    chosen = Side("words", words, tuple(task._replace(knots=None) for task in PAPER))
    for drift in (compare(rated, chosen), compare(chosen, rated)):
        assert [one.a for one in drift.classes] == [one.b for one in drift.classes]


@pytest.mark.parametrize(
    ("planted", "told"),
    [({"level": 10.0}, {"level"}), ({"pitch": 2.5}, {"pitch"}), ({"arousal": 1.0}, {"arousal"})],
)
def test_a_planted_difference_is_told_and_nothing_else(planted, told):
    assert differing(compare(corpus(1, speakers=30), corpus(2, speakers=30, **planted))) == told


def test_two_alike_and_large_corpora_are_alike_and_small_ones_are_left_open():
    large = compare(corpus(1, speakers=200, each=20), corpus(2, speakers=200, each=20))
    assert {one.verdict for one in large.measures} == {"alike"}
    small = compare(corpus(1, speakers=2), corpus(2, speakers=2, pitch=1.3))
    assert {one.verdict for one in small.measures if one.name in ("level", "pitch")} == {"open"}


def test_a_single_speaker_says_nothing_about_others():
    found = compare(corpus(1), corpus(2, speakers=1, level=30.0))
    level = found.measures[0]
    assert (level.effect.low, level.effect.high, level.verdict) == (None, None, "open")


@pytest.mark.parametrize(
    ("few", "many", "open_"), [(2, 2, True), (2, 7, True), (2, 8, False), (3, 4, True), (4, 4, False)]
)
def test_so_few_speakers_that_chance_separates_them_are_left_open(few, many, open_):
    level = compare(corpus(1, speakers=few), corpus(2, speakers=many, level=60.0)).measures[0]
    assert level.effect.value == 1.0
    assert level.verdict == ("open" if open_ else "differs")


def test_without_labels_or_pitch_the_rest_is_compared():
    batch = corpus(2, speakers=30, level=12.0).table
    batch = batch.assign(speaker=[str(n) for n in range(len(batch))], pitch=np.nan)
    found = compare(corpus(1, speakers=30), Side("batch", batch))
    assert [one.name for one in found.measures] == ["level", "duration"]
    assert found.classes == []
    assert differing(found) == {"level"}
