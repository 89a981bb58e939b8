from itertools import groupby

import numpy as np
import pytest

from attune.corpus.synthetic.emotion import CORRELATION, MEAN, SD
from attune.corpus.synthetic.plan import plan as planned
from attune.settings.corpus import Synthetic
from attune.tasks import PAPER

PUBLISHED_CLASSES = {
    "arousal": [1112, 7235, 1692],
    "valence": [3223, 4869, 1947],
    "dominance": [1041, 6484, 2514],
}
"""Utterances of IEMOCAP that are low, middle and high (facts of the corpus)."""


def plan(seed, utterances_per_speaker):
    return planned(Synthetic(seed=seed, utterances_per_speaker=utterances_per_speaker))


@pytest.fixture(scope="module")
def many_labels():
    return np.array([turn.judgement.label for turn in plan(5, 1000)])


def test_labels_have_the_published_moments(many_labels):
    np.testing.assert_allclose(many_labels.mean(axis=0), MEAN, atol=0.04)
    np.testing.assert_allclose(many_labels.std(axis=0), SD, atol=0.04)
    np.testing.assert_allclose(np.corrcoef(many_labels.T), CORRELATION, atol=0.04)


def test_labels_have_the_published_class_balance(many_labels):
    for labels, published in zip(many_labels.T, PUBLISHED_CLASSES.values(), strict=True):
        shares = np.bincount(PAPER[0].to_class(labels)) / len(labels)
        np.testing.assert_allclose(shares, np.array(published) / sum(published), atol=0.06)


@pytest.mark.parametrize("utterances_per_speaker", [4, 6, 48])
@pytest.mark.parametrize("seed", range(5))
def test_every_session_has_every_class_of_every_task(seed, utterances_per_speaker):
    turns = plan(seed, utterances_per_speaker)
    assert len(turns) == 10 * utterances_per_speaker
    for _, session in groupby(turns, lambda turn: turn.slot.speaker.session):
        classes = PAPER[0].to_class([turn.judgement.label for turn in session])
        assert [set(task) for task in classes.T] == [{0, 1, 2}] * 3


def test_a_seed_says_everything_and_another_says_otherwise():
    first, again, other = plan(1, 4), plan(1, 4), plan(2, 4)
    assert str(first) == str(again)
    assert str(first) != str(other)


def test_dialogs_keep_their_panel_of_raters():
    for _, dialog in groupby(plan(3, 24), lambda turn: turn.slot.dialog):
        assert len({tuple(turn.judgement.external) for turn in dialog}) == 1
