"""The network's windows in the audio: window i starts at sample 160 i and is 640 samples long."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attune.signal import HOP, WINDOW, covered, window_count

_SILENCE = 1e-10  # -100 dB, below the noise of 16 bits: keeps digital silence finite


def energy(waveform: ArrayLike) -> NDArray[np.float64]:
    """Return the mean square of each window in dB re full scale: ``(samples,)`` in [-1, 1) -> ``(windows,)``."""
    samples = np.asarray(waveform, dtype=np.float64)
    windows = window_count(len(samples))
    whole = np.zeros(covered(windows))
    whole[: len(samples)] = samples[: len(whole)]
    hops = (whole**2).reshape(-1, HOP).sum(axis=1)
    squares = np.lib.stride_tricks.sliding_window_view(hops, WINDOW // HOP).sum(axis=1)
    return 10 * np.log10(squares / WINDOW + _SILENCE)


def inside(windows: int, start: float, end: float, sample_rate: int) -> NDArray[np.bool_]:
    """Return which windows have their centre in ``[start, end)`` seconds: ``(windows,)``."""
    centres = (HOP * np.arange(windows) + WINDOW / 2) / sample_rate
    return (start <= centres) & (centres < end)
