import numpy as np
import pytest

from attune.corpus.synthetic.cues import Cue
from attune.corpus.synthetic.emotion import MEAN, SD, Setting, effect
from attune.corpus.synthetic.perform import perform
from attune.corpus.synthetic.speakers import cast
from attune.corpus.synthetic.spectra import RATE
from attune.tasks import TASKS

PEOPLE = cast(np.random.default_rng(0))
CUE = Cue(0.6, 1.2)


def speak(emotion, person=0, seed=0, seconds=1.5):
    return perform(PEOPLE[person], emotion, seconds, CUE, 2e-4, np.random.default_rng(seed))[0]


def feeling(**deviations):
    return effect(MEAN + SD * np.array([deviations.get(task, 0.0) for task in TASKS]), 1.0)


def inside(**deviations):
    """Sound inside the cue of a few people, with as much feeling; in [-1, 1)."""
    start, end = round(CUE.start * RATE), round(CUE.end * RATE)
    return np.concatenate([speak(feeling(**deviations), person, seed=person)[start:end] for person in range(6)]) / 32768


def decibels(wave, low, high):
    power = np.abs(np.fft.rfft(wave)) ** 2
    hertz = np.fft.rfftfreq(len(wave), 1 / RATE)
    return 10 * np.log10(power[(hertz >= low) & (hertz < high)].mean())


@pytest.mark.parametrize("seconds", [1.0, 1.37, 1.8])
def test_the_sound_is_as_long_as_asked_for(seconds):
    wave = speak(Setting(), seconds=seconds)
    assert wave.shape == (round(seconds * RATE),)
    assert wave.dtype == np.int16


@pytest.mark.parametrize("task", TASKS)
def test_before_the_cue_an_utterance_is_what_it_would_be_without_emotion(task):
    frame_and_glide = round(0.06 * RATE)
    untouched = round(CUE.start * RATE) - frame_and_glide
    neutral, moved = speak(Setting()), speak(feeling(**{task: 2.0}))
    np.testing.assert_array_equal(moved[:untouched], neutral[:untouched])
    assert (moved[untouched:] != neutral[untouched:]).mean() > 0.3


def test_arousal_is_louder_and_brighter():
    low, high = inside(arousal=-1.0), inside(arousal=1.0)
    assert high.std() > 1.8 * low.std()
    assert decibels(high, 1000, 3000) - decibels(high, 100, 500) > decibels(low, 1000, 3000) - decibels(low, 100, 500)


def test_valence_is_less_breathy():
    assert decibels(inside(valence=-1.0), 4000, 7000) > decibels(inside(valence=1.0), 4000, 7000) + 4


def test_dominance_is_fuller():
    assert decibels(inside(dominance=1.0), 80, 300) > decibels(inside(dominance=-1.0), 80, 300) + 4


@pytest.mark.parametrize("person", range(10))
def test_nobody_is_clipped_even_when_very_excited(person):
    assert np.abs(speak(feeling(arousal=2.5, dominance=2.0), person, seed=person).astype(int)).max() < 32767


def test_speakers_sound_different():
    levels = {person: decibels(speak(Setting(), person).astype(float), 100, 3000) for person in range(10)}
    assert max(levels.values()) - min(levels.values()) > 2.0
