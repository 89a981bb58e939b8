"""Ten speakers, who differ in pitch, vocal tract, loudness, tempo and breathiness by as much as emotion does."""

from typing import NamedTuple

import numpy as np

from attune.corpus.iemocap.ids import SESSIONS, Gender

_SEXES: dict[Gender, tuple[float, float]] = {"F": (205.0, 1.12), "M": (115.0, 0.97)}
"""Typical F0 in Hz, and formant factor relative to the vowel table."""


class Speaker(NamedTuple):
    """One person's neutral voice."""

    name: str
    """Such as ``Ses01F``."""
    session: int
    gender: Gender
    f0: float
    """Hz."""
    tract: float
    """Factor on all formants; larger is a shorter vocal tract."""
    level: float
    """dB."""
    rate: float
    """Factor on syllables per second."""
    breath: float
    """dB."""
    tilt: float
    """dB per octave."""


def cast(rng: np.random.Generator) -> list[Speaker]:
    """Draw a woman and a man for each of the five sessions."""
    return [_speaker(session, gender, rng) for session in SESSIONS for gender in _SEXES]


def _speaker(session: int, gender: Gender, rng: np.random.Generator) -> Speaker:
    f0, tract = _SEXES[gender]
    return Speaker(
        name=f"Ses{session:02d}{gender}",
        session=session,
        gender=gender,
        f0=f0 * 2 ** rng.uniform(-0.25, 0.25),
        tract=tract * rng.uniform(0.94, 1.06),
        level=rng.uniform(-2.0, 2.0),
        rate=rng.uniform(0.88, 1.12),
        breath=rng.uniform(-2.5, 2.5),
        tilt=rng.uniform(-1.0, 1.0),
    )
