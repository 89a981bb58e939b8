"""A corpus like IEMOCAP has what public inventories count, before a sound is made."""

from collections import Counter

import numpy as np
import pytest

from attune.corpus.iemocap.ids import parse_utterance
from attune.corpus.iemocap.inventory import CLASSES, PUBLISHED
from attune.corpus.synthetic.emotion import CORRELATION, MEAN, SD
from attune.corpus.synthetic.full import apportioned
from attune.corpus.synthetic.plan import plan
from attune.settings.corpus import Synthetic
from attune.tasks import PAPER


@pytest.fixture(scope="module")
def turns():
    return plan(Synthetic(like="iemocap"))


@pytest.fixture(scope="module")
def labels(turns):
    return np.array([turn.judgement.label for turn in turns])


def counts(turns):
    names = [parse_utterance(turn.slot.utterance) for turn in turns]
    found = {
        "utterances": len(set(names)),
        "dialogs": len({name.dialog for name in names}),
        "speakers": len({name.speaker for name in names}),
        "hours": round(sum(turn.slot.seconds for turn in turns) / 3600, 2),
    }
    for title, values in (
        ("session", [name.dialog.session for name in names]),
        ("scenario", [name.dialog.kind for name in names]),
        ("speaker", [name.speaker for name in names]),
        ("category", [turn.judgement.category for turn in turns]),
    ):
        found |= {f"{title} {value}": count for value, count in Counter(values).items()}
    return found


def test_every_published_count_is_met(turns):
    assert counts(turns) == PUBLISHED


def test_durations_are_the_published_ones(turns):
    seconds = np.array([turn.slot.seconds for turn in turns])
    assert (seconds.min(), seconds.max()) == (0.585, 34.139)
    assert ((seconds < 1).sum(), (seconds > 20).sum()) == (50, 21)
    assert seconds.mean() == pytest.approx(4.46, abs=0.005)
    np.testing.assert_allclose(np.percentile(seconds, [50, 95, 99]), [3.52, 10.53, 15.07], atol=0.02)


def test_classes_are_as_frequent_as_published_and_moments_near(labels):
    for task, column in zip(PAPER, labels.T, strict=True):
        assert np.bincount(task.to_class(column)).tolist() == list(CLASSES[task.name])
    np.testing.assert_allclose(labels.mean(axis=0), MEAN, atol=0.03)
    np.testing.assert_allclose(labels.std(axis=0), SD, atol=0.03)
    np.testing.assert_allclose(np.corrcoef(labels.T), CORRELATION, atol=0.03)


def test_dominance_shifts_between_sessions_as_published(turns, labels):
    session = np.array([turn.slot.speaker.session for turn in turns])
    assert labels[session == 1, 2].mean() == pytest.approx(2.96, abs=0.03)
    assert labels[session == 4, 2].mean() == pytest.approx(3.35, abs=0.03)


def test_a_label_is_still_the_mean_of_whole_ratings_from_1_to_5(turns):
    ratings = np.concatenate([list(turn.judgement.external.values()) for turn in turns])
    assert set(np.unique(ratings)) == {1, 2, 3, 4, 5}


@pytest.mark.parametrize("share", [0.001, 0.013, 0.1])
def test_a_share_of_it_keeps_its_proportions(share):
    turns = plan(Synthetic(like="iemocap", share=share))
    whole = counts(turns)
    assert whole["utterances"] == len(turns) == pytest.approx(share * 10039, abs=35)
    assert whole["speakers"] == 10
    assert whole["scenario improvised"] / len(turns) == pytest.approx(4784 / 10039, abs=0.02)
    assert sum(turn.slot.seconds for turn in turns) / len(turns) == pytest.approx(4.46, abs=0.15)


def test_noisier_raters_disagree_more_about_the_same_feelings():
    calm, noisy = (plan(Synthetic(utterances_per_speaker=40, rater_noise=noise, seed=3)) for noise in (0.0, 1.0))

    def spread(turns):
        return np.mean([np.std(list(turn.judgement.external.values()), axis=0).mean() for turn in turns])

    assert spread(calm) == 0
    assert spread(noisy) > 0.4


def test_shares_of_a_total_are_whole_and_add_up():
    assert apportioned(10, [1, 1, 1]) == [4, 3, 3]
    assert apportioned(0, [2, 5]) == [0, 0]
    assert sum(apportioned(10039, [3.3, 0.1, 9])) == 10039
