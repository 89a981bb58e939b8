"""Another recording level: all samples times one factor. It takes away what loudness tells about arousal."""

import numpy as np

from attune.signal import Waveform


def change(wave: Waveform, random: np.random.Generator, decibels: float) -> Waveform:
    """Up or down by at most so many decibels, evenly drawn: (samples,) to (samples,)."""
    return wave * np.float32(10 ** (random.uniform(-decibels, decibels) / 20)) if decibels else wave
