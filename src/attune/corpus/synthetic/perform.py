"""Synthesis of one utterance from a speaker and an emotion: neutral, except for the part that carries the emotion."""

import numpy as np
from numpy.typing import NDArray

from attune.corpus.synthetic.cues import Cue
from attune.corpus.synthetic.emotion import Setting
from attune.corpus.synthetic.speakers import Speaker
from attune.corpus.synthetic.spectra import FRAME_RATE, HOP
from attune.corpus.synthetic.speech import Movements, Utterance, move, say
from attune.corpus.synthetic.voice import Tracks, synthesise
from attune.signal import SAMPLE_RATE as RATE

Array = NDArray[np.float64]

_NEUTRAL_LEVEL = -30.0
"""Level of a steady vowel in dB relative to full scale."""

_BREATH = 0.15
_TILT = 3.0
_ROUGHNESS = 0.008
_MOOD = Setting(
    level=1.0, pitch=0.8, tilt=0.4, front=0.02, smile=0.8, length=0.015, breath=1.2, chest=1.0, roughness=0.3
)
"""Spread of meaningless variation from utterance to utterance."""


def perform(
    speaker: Speaker, emotion: Setting, seconds: float, cue: Cue, noise: float, rng: np.random.Generator
) -> tuple[NDArray[np.int16], str]:
    """Speak one utterance.

    Args:
        emotion: how the voice differs from neutral inside the cue.
        seconds: length of the utterance.
        noise: standard deviation of the recording noise, full scale 1.0.

    Returns:
        Sound at 16 kHz, (round(seconds * 16000),), and its text.
    """
    words, mood, melody, voice, room = rng.spawn(5)  # so that emotion does not affect the random draws
    samples = round(seconds * RATE)
    frames = -(-samples // HOP)
    utterance = _say(speaker, emotion, seconds, cue, words)
    movements = move(utterance.sounds, frames, FRAME_RATE)
    meaningless = mood.standard_normal(len(Setting._fields)) * np.array(_MOOD)
    at = Setting(*(_share(frames, cue)[:, None] * np.array(emotion) + meaningless).T)
    tracks = _tracks(speaker, at, _ramp(frames, cue), _melody(frames, melody), movements)
    sound = synthesise(tracks, voice)[:samples] + noise * room.standard_normal(samples)
    return np.round(32767 * np.clip(sound, -1.0, 1.0)).astype(np.int16), utterance.text


def said(speaker: Speaker, emotion: Setting, seconds: float, cue: Cue, rng: np.random.Generator) -> str:
    """Return the text that `perform` would speak, without synthesising it."""
    return _say(speaker, emotion, seconds, cue, rng.spawn(1)[0]).text


def _say(speaker: Speaker, emotion: Setting, seconds: float, cue: Cue, words: np.random.Generator) -> Utterance:
    return say(seconds, cue, (speaker.rate, speaker.rate * 2**emotion.rate), words)


def _tracks(speaker: Speaker, at: Setting, ramp: Array, melody: Array, movements: Movements) -> Tracks:
    """Convert settings, one row per frame, into the voice's tracks."""
    excursion = melody * 2 ** np.asarray(at.pitch_range)
    semitones = at.pitch + excursion + at.pitch_rise * ramp - 2.0 * np.linspace(0, 1, len(ramp))
    level = _amplitude(_NEUTRAL_LEVEL + speaker.level + np.asarray(at.level))
    moved = np.column_stack([at.front, at.front, at.length, at.length, at.length])
    return Tracks(
        f0=(speaker.f0 * 2 ** (semitones / 12)).clip(50.0, 600.0),
        voice=movements.voice * level,
        breath=_BREATH * _amplitude(speaker.breath + np.asarray(at.breath)),
        noise=0.3 * movements.noise * level,
        noise_centre=movements.noise_centre,
        formants=(movements.formants * speaker.tract * 2**moved).clip(150.0, 7000.0),
        tilt=_TILT + speaker.tilt + np.asarray(at.tilt),
        smile=np.asarray(at.smile),
        chest=np.asarray(at.chest),
        roughness=(_ROUGHNESS * 2 ** np.asarray(at.roughness)).clip(0.0, 0.03),
    )


def _share(frames: int, cue: Cue) -> Array:
    """Return how much of the emotion is in the voice: 1 inside the cue, 0 outside, with 30 ms ramps inside it."""
    seconds = np.arange(frames) / FRAME_RATE
    inside = np.minimum(seconds - cue.start, cue.end - seconds)
    return 0.5 - 0.5 * np.cos(np.pi * np.clip(inside / 0.03, 0.0, 1.0))


def _ramp(frames: int, cue: Cue) -> Array:
    """Return a ramp from -0.5 at the cue's start to 0.5 at its end."""
    return np.clip((np.arange(frames) / FRAME_RATE - cue.start) / (cue.end - cue.start), 0.0, 1.0) - 0.5


def _melody(frames: int, rng: np.random.Generator) -> Array:
    """Return F0 variation in semitones: a few rises and falls per second, alike in every voice."""
    seconds = np.arange(frames) / FRAME_RATE
    rates, phases = rng.uniform(0.8, 3.0, size=3), rng.uniform(0, 2 * np.pi, size=3)
    return np.sin(2 * np.pi * rates * seconds[:, None] + phases).sum(axis=1)


def _amplitude(decibels: float | Array) -> Array:
    return np.asarray(10.0 ** (np.asarray(decibels) / 20.0))
