import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attune.corpus.synthetic.speech import VOWELS, Sound, move, say


@settings(max_examples=40)
@given(st.floats(1.0, 2.0), st.integers(0, 10_000))
def test_sounds_fill_the_time_from_silence_to_silence(seconds, seed):
    utterance = say(seconds, (0.3, 0.8), (1.0, 1.0), np.random.default_rng(seed))
    first, last = utterance.sounds[0], utterance.sounds[-1]
    assert first.voice == first.noise == last.voice == last.noise == 0
    assert sum(sound.seconds for sound in utterance.sounds) >= seconds - 1e-9
    assert any(sound.voice == 1.0 for sound in utterance.sounds)


def test_the_spelling_has_a_vowel_for_every_vowel_spoken():
    utterance = say(1.5, (0.3, 0.8), (1.0, 1.0), np.random.default_rng(4))
    spoken = sum(sound.voice == 1.0 for sound in utterance.sounds)
    assert sum(letter in VOWELS for letter in utterance.text.lower()) == spoken
    assert utterance.text[0].isupper()
    assert utterance.text.endswith(".")


def test_a_faster_part_holds_more_syllables():
    def vowels(rate):
        texts = [say(2.0, (0.0, 2.0), (1.0, rate), np.random.default_rng(seed)).sounds for seed in range(20)]
        return sum(sound.voice == 1.0 for sounds in texts for sound in sounds)

    assert vowels(1.5) > 1.25 * vowels(1.0)


def test_movements_reach_their_sounds_and_glide_between_them():
    low, high = (300.0, 800.0, 2200.0), (700.0, 2000.0, 2800.0)
    sounds = [Sound(0.2, 1.0, 0.0, 4000.0, low), Sound(0.2, 0.0, 0.5, 3000.0, high)]
    movements = move(sounds, frames=50, frame_rate=125.0)
    assert movements.formants[:5, 0] == pytest.approx(300.0)
    assert movements.formants[-5:, 1] == pytest.approx(2000.0)
    assert np.all(np.diff(movements.formants[:, 0]) >= -1e-9)
    assert np.abs(np.diff(movements.formants[:, 0])).max() < 200
    assert movements.voice[0] == pytest.approx(1.0)
    assert movements.voice[-1] == pytest.approx(0.0)
    assert movements.noise[-1] == pytest.approx(0.5)
