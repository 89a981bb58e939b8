"""The pitch of a sound agrees with what it was made with."""

import numpy as np
import pytest

from attune.validation.pitch import Pitch


def pitch_of(sound, rate, blocks=1):
    pitch = Pitch()
    for block in np.array_split(sound.astype(np.float32)[:, None], blocks):
        pitch.add(block, rate)
    return pitch.median


def buzz(hertz, rate, seconds=2.0):
    """All harmonics of a voice, falling by 6 dB an octave."""
    time = np.arange(round(seconds * rate)) / rate
    return sum(0.2 / k * np.sin(2 * np.pi * k * hertz * time) for k in range(1, int(min(4000, rate / 2) // hertz)))


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
@pytest.mark.parametrize("hertz", [80, 115, 205, 330, 450])
def test_a_buzz_has_its_pitch_at_any_rate(hertz, rate):
    assert pitch_of(buzz(hertz, rate), rate) == pytest.approx(hertz, rel=0.03)


def test_blocks_do_not_matter_and_the_other_channel_does_not_either():
    sound = buzz(150, 16000)
    assert pitch_of(sound, 16000, blocks=5) == pytest.approx(150, rel=0.02)
    pitch = Pitch()
    pitch.add(np.stack([sound, sound], axis=1).astype(np.float32), 16000)
    assert pitch.median == pytest.approx(150, rel=0.02)


@pytest.mark.parametrize(
    "sound",
    [np.zeros(32000), np.random.default_rng(0).normal(0, 0.1, 32000), buzz(200, 16000)[:200], np.full(32000, 0.3)],
    ids=["silence", "noise", "too short", "constant"],
)
def test_what_is_not_voiced_has_none(sound):
    assert pitch_of(sound, 16000) is None


def test_the_synthetic_voices_have_the_pitch_they_are_given():
    from attune.corpus.synthetic.cues import Cue
    from attune.corpus.synthetic.emotion import Setting
    from attune.corpus.synthetic.perform import perform
    from attune.corpus.synthetic.speakers import cast

    for person in cast(np.random.default_rng(0))[:4]:
        found = [
            pitch_of(perform(person, Setting(), 1.5, Cue(0.4, 1.0), 2e-4, rng)[0] / 32768, 16000)
            for rng in np.random.default_rng(1).spawn(4)
        ]
        assert np.median(found) == pytest.approx(person.f0, rel=0.15)
