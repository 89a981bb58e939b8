"""Background noise, as long used for robust recognition (Lippmann et al. 1987); ours is synthetic, not recorded.

Its spectrum falls as 1 / f^a with a between 0 (white) and 2 (brown), which covers hiss to traffic.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from attune.signal import Waveform

DECIBELS = (10.0, 40.0)
"""Signal-to-noise ratio, drawn uniformly."""


def add(wave: Waveform, random: np.random.Generator) -> Waveform:
    """Add noise to an utterance (samples,) at a random signal-to-noise ratio."""
    spectrum = np.fft.rfft(random.normal(size=len(wave)))
    spectrum[1:] /= np.arange(1, len(spectrum)) ** (random.uniform(0.0, 2.0) / 2)
    spectrum[0] = 0
    made = np.fft.irfft(spectrum, len(wave))
    below = 10 ** (-random.uniform(*DECIBELS) / 20)
    scale = below * _level(wave) / max(_level(made), np.finfo(np.float64).tiny)
    return (wave + scale * made).astype(np.float32)


def _level(values: npt.NDArray[Any]) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))
