"""A simulated room (after Ko et al. 2017): the direct sound, and behind it noise that dies away exponentially."""

import numpy as np
import numpy.typing as npt
from scipy.signal import fftconvolve

from attune.signal import SAMPLE_RATE, Waveform

SECONDS = (0.2, 0.8)
"""Until the reverberation has fallen by 60 dB, evenly drawn."""
DIRECT = (0.0, 15.0)
"""Decibels of the direct sound above the reverberation, evenly drawn."""


def add(wave: Waveform, random: np.random.Generator) -> Waveform:
    """The utterance (samples,) as it is heard in a room, at its own level."""
    response = _response(random)
    heard = fftconvolve(wave.astype(np.float64), response)[: len(wave)]
    before, after = np.square(wave, dtype=np.float64).sum(), np.square(heard).sum()
    return (heard * np.sqrt(before / after) if after > 0 else heard).astype(np.float32)


def _response(random: np.random.Generator) -> npt.NDArray[np.float64]:
    seconds = random.uniform(*SECONDS)
    count = int(seconds * SAMPLE_RATE)
    tail = random.normal(size=count) * 10 ** (-3 * np.arange(count) / count)
    tail[0] = 0
    tail *= 10 ** (-random.uniform(*DIRECT) / 20) / np.sqrt(np.square(tail).sum())
    tail[0] = 1
    return tail
