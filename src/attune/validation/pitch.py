"""The pitch of a voice, accurate enough to compare recordings: the median over frames 0.1 s apart.

Autocorrelation of windowed frames divided by that of the window (Boersma 1993); the shortest lag that is nearly as good
as the best one is taken, so that the pitch is not halved.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import next_fast_len

Array = NDArray[np.float64]

LOWEST, HIGHEST = 60.0, 500.0
"""Hz."""
_FRAME, _HOP = 0.045, 0.1
"""Seconds."""
_VOICED, _NEARLY = 0.6, 0.85
_QUIETEST = 10 ** (-60 / 20)
_FEWEST = 3


class Pitch:
    """Pitch of a signal, collected block by block."""

    def __init__(self) -> None:
        self._found: list[Array] = []

    def add(self, block: NDArray[np.float32], rate: int) -> None:
        """Analyse a block of shape (samples, channels); frames that cross its end are left out."""
        size, hop = round(_FRAME * rate), round(_HOP * rate)
        if len(block) >= size:
            mono = block[:, 0] if block.shape[1] == 1 else block.mean(axis=1)
            frames = np.lib.stride_tricks.sliding_window_view(mono, size)[::hop]
            self._found.append(_voiced(frames.astype(np.float64), rate))

    @property
    def median(self) -> float | None:
        """Median in Hz, to a tenth; None where hardly anything is voiced."""
        found = np.concatenate(self._found) if self._found else np.empty(0)
        return round(float(np.median(found)), 1) if len(found) >= _FEWEST else None


def _voiced(frames: Array, rate: int) -> Array:
    """Return the pitch in Hz of each voiced frame."""
    frames = frames - frames.mean(axis=1, keepdims=True)
    frames = frames[np.sqrt((frames**2).mean(axis=1)) > _QUIETEST]
    window, length, expected = _windowed(frames.shape[1], rate)
    powers = np.abs(np.fft.rfft(frames * window, length)) ** 2
    lags = np.fft.irfft(powers, length)[:, : len(expected)]
    similar = lags / np.maximum(lags[:, :1], 1e-12) / expected
    first = round(rate / HIGHEST)
    wanted = similar[:, first - 1 :]
    peaks = (wanted[:, 1:-1] >= wanted[:, :-2]) & (wanted[:, 1:-1] > wanted[:, 2:])
    heights = np.where(peaks, wanted[:, 1:-1], 0.0)
    best = heights.max(axis=1, keepdims=True)
    lag = first + np.argmax(heights >= _NEARLY * best, axis=1)
    return np.asarray(rate / lag[best[:, 0] >= _VOICED])


@cache
def _windowed(size: int, rate: int) -> tuple[Array, int, Array]:
    """Return the window, the FFT length, and the window's normalised autocorrelation at the lags that are searched."""
    window = np.hanning(size)
    longest = min(round(rate / LOWEST) + 2, size - 1)
    length = int(next_fast_len(size + longest, real=True))
    own = np.fft.irfft(np.abs(np.fft.rfft(window, length)) ** 2, length)[:longest]
    return window, length, own / own[0]
