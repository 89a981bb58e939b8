"""The spoken content: syllables in time, and the movements of voice and mouth that produce them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import convolve1d

Array = NDArray[np.float64]

VOWELS = {
    "a": (730, 1090, 2440),
    "e": (530, 1840, 2480),
    "i": (270, 2290, 3010),
    "o": (570, 840, 2410),
    "u": (300, 870, 2240),
}
"""First three formants of an average man in Hz (Peterson and Barney 1952)."""

FRICATIVES = {"s": 5500.0, "sh": 3200.0, "f": 4200.0}
"""Centre of the noise in Hz."""

PLOSIVES = {"p": 1200.0, "t": 4000.0, "k": 2200.0}
"""Centre of the burst in Hz."""

NASALS = {"m": (250, 1000, 2200), "n": (250, 1400, 2500)}
_HIGHER = (3400, 4300)
_NEUTRAL_MOUTH = (500, 1500, 2500)


class Sound(NamedTuple):
    """A segment that is constant, except for transitions to its neighbours."""

    seconds: float
    voice: float
    """Amplitude of the vocal folds."""
    noise: float
    """Amplitude of noise made in the mouth."""
    noise_centre: float
    """Hz."""
    mouth: tuple[float, float, float]
    """First three formants in Hz."""


class Utterance(NamedTuple):
    """A sequence of sounds and its spelling."""

    sounds: list[Sound]
    text: str


class Movements(NamedTuple):
    """Voice and mouth over time, one row per frame."""

    voice: Array
    noise: Array
    noise_centre: Array
    formants: Array
    """Hz, (frames, 5)."""


def say(seconds: float, cue: tuple[float, float], rates: tuple[float, float], rng: np.random.Generator) -> Utterance:
    """Fill a duration with syllables, words and pauses.

    Args:
        seconds: length of the utterance.
        cue: start and end in seconds of the part that carries the emotion.
        rates: tempo factors outside and inside that part.
    """
    sounds, word = [_pause(0.05)], ""
    words: list[str] = []
    now, last = 0.05, seconds - 0.06
    while now < last - 0.12:
        rate = rates[1] if cue[0] <= now < cue[1] else rates[0]
        spelling, syllable = _syllable(rate, rng)
        word += spelling
        if rng.random() < 0.35:
            words, word = [*words, word], ""
            if rng.random() < 0.4:
                syllable.append(_pause(rng.uniform(0.05, 0.12) / rate))
        sounds += syllable
        now += sum(sound.seconds for sound in syllable)
    words = [*words, word] if word else words
    return Utterance([*sounds, _pause(max(0.06, seconds - now))], " ".join(words).capitalize() + ".")


def move(sounds: list[Sound], frames: int, frame_rate: float) -> Movements:
    """Lay sounds out in time with a smooth transition from each to the next.

    Args:
        frames: how many to return; later sounds are dropped.
        frame_rate: frames per second.
    """
    ends = np.cumsum([sound.seconds for sound in sounds])
    at = np.searchsorted(ends, np.arange(frames) / frame_rate, side="right").clip(max=len(sounds) - 1)
    mouths = np.array([(*sound.mouth, *_HIGHER) for sound in sounds], dtype=np.float64)
    return Movements(
        voice=_smooth(np.array([sound.voice for sound in sounds])[at], 0.03, frame_rate),
        noise=_smooth(np.array([sound.noise for sound in sounds])[at], 0.02, frame_rate),
        noise_centre=np.array([sound.noise_centre for sound in sounds])[at],
        formants=_smooth(mouths[at], 0.06, frame_rate),
    )


def _syllable(rate: float, rng: np.random.Generator) -> tuple[str, list[Sound]]:
    stretch = np.exp(rng.normal(0, 0.12, size=2)) / rate
    vowel = list(VOWELS)[rng.integers(len(VOWELS))]
    consonant = [*FRICATIVES, *PLOSIVES, *NASALS, ""][rng.integers(9)]
    opening = _consonant(consonant, 0.075 * stretch[0])
    return consonant + vowel, [*opening, Sound(0.13 * stretch[1], 1.0, 0.0, 4000.0, VOWELS[vowel])]


def _consonant(name: str, seconds: float) -> list[Sound]:
    if name in FRICATIVES:
        return [Sound(seconds, 0.0, 0.5, FRICATIVES[name], _NEUTRAL_MOUTH)]
    if name in PLOSIVES:
        return [_pause(0.65 * seconds), Sound(0.35 * seconds, 0.0, 0.7, PLOSIVES[name], _NEUTRAL_MOUTH)]
    if name in NASALS:
        return [Sound(seconds, 0.5, 0.0, 4000.0, NASALS[name])]
    return []


def _pause(seconds: float) -> Sound:
    return Sound(seconds, 0.0, 0.0, 4000.0, _NEUTRAL_MOUTH)


def _smooth(values: Array, seconds: float, frame_rate: float) -> Array:
    window = np.hanning(2 * round(seconds * frame_rate / 2) + 3)
    return convolve1d(values, window / window.sum(), axis=0, mode="nearest")
