"""The worst of so many speakers against what it would be were all alike."""

import numpy as np
import pytest
from sklearn.metrics import recall_score

from attune.evaluation.depth.speakers import extremes

SETTINGS = {"rounds": 199, "seed": 1, "confidence": 0.95}


def spoken(seed, skill, dialogs=5, apart=0.0):
    """Ten speakers of 40 utterances.

    `skill` is each one's share of right answers; in every other dialog it is higher by `apart`, in the others lower.
    """
    rng = np.random.default_rng(seed)
    speakers = np.repeat([f"S{i}" for i in range(10)], 40)
    dialog_of = np.arange(400) // (40 // dialogs)
    actual = rng.integers(0, 3, 400)
    over = apart * rng.choice([-1, 1], 10 * dialogs)[dialog_of]
    right = rng.random(400) < np.repeat(skill, 40) + over
    return actual, np.where(right, actual, (actual + rng.integers(1, 3, 400)) % 3), speakers, dialog_of.astype(str)


@pytest.mark.parametrize(("dialogs", "apart"), [(1, 0.0), (5, 0.0), (5, 0.25)])
def test_it_holds_its_level_where_speakers_are_alike_however_much_dialogs_differ(dialogs, apart):
    made = [spoken(seed, np.full(10, 0.6), dialogs, apart) for seed in range(150)]
    found = np.array([[one.p <= 0.05 for one in extremes(*one, **SETTINGS)] for one in made])
    assert (found.mean(axis=0) <= 0.09).all()


def test_a_speaker_who_is_worse_is_found():
    skill = np.full(10, 0.7)
    skill[3] = 0.25
    worst, best = extremes(*spoken(1, skill), **SETTINGS)
    assert (worst.end, worst.speaker, worst.n) == ("worst", "S3", 40)
    assert worst.p <= 0.01
    assert worst.value < worst.low
    assert best.p > 0.05


def test_of_speakers_who_are_all_alike_none_is_the_worst():
    actual, speakers = np.tile([0, 1, 2], 8), np.repeat(["S1", "S2", "S3"], 8)
    assert extremes(actual, actual, speakers, speakers, **SETTINGS) == []
    assert len(extremes(actual, np.where(speakers == "S3", 0, actual), speakers, speakers, **SETTINGS)) == 2


def test_answers_are_exchanged_within_their_class_where_every_speaker_has_one_dialog():
    """All answers of the first class are right and all of the second wrong, so that no exchange changes anything."""
    actual, speakers = np.array([0, 0, 1, 0, 0, 0]), np.repeat(["A", "B"], 3)
    found = extremes(actual, np.zeros(6, int), speakers, speakers, **SETTINGS)
    assert [(one.value, one.low, one.high) for one in found] == [(0.5, 0.5, 0.5), (1.0, 1.0, 1.0)]


def test_the_value_is_the_recall_of_that_speaker():
    actual, predicted, speakers, dialogs = spoken(2, np.linspace(0.4, 0.8, 10))
    for one in extremes(actual, predicted, speakers, dialogs, **SETTINGS):
        own = speakers == one.speaker
        assert one.value == pytest.approx(recall_score(actual[own], predicted[own], average="macro"))


def test_one_speaker_alone_is_neither_worst_nor_best():
    assert extremes(np.array([0, 1]), np.array([0, 1]), np.array(["A", "A"]), np.array(["1", "2"]), **SETTINGS) == []
