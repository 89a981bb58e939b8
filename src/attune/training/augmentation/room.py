"""A simulated room (after Ko et al. 2017): the direct sound, followed by exponentially decaying noise."""

import numpy as np
import numpy.typing as npt

from attune.signal import SAMPLE_RATE, Waveform

SECONDS = (0.2, 0.8)
"""Reverberation time, over which the tail decays by 60 dB, drawn uniformly."""
DIRECT = (0.0, 15.0)
"""Direct-to-reverberant ratio in dB, drawn uniformly."""


def add(wave: Waveform, random: np.random.Generator) -> Waveform:
    """Return the utterance (samples,) as heard in a room, at its original level."""
    from scipy.signal import fftconvolve  # takes half a second: not where nothing is augmented

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
