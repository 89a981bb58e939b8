"""Another recording level: all samples times one factor, which removes what loudness reveals about arousal."""

import numpy as np

from attune.signal import Waveform


def change(wave: Waveform, random: np.random.Generator, decibels: float) -> Waveform:
    """Scale (samples,) up or down by at most `decibels`, drawn uniformly."""
    return wave * np.float32(10 ** (random.uniform(-decibels, decibels) / 20)) if decibels else wave
