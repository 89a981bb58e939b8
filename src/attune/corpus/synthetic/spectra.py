"""Short-time spectra and their inversion, for time-varying filters.

The FFT is longer than the window, and no window is applied in the inversion, so that a filter may ring beyond the
window it was applied to; `scipy.signal.ShortTimeFFT` would truncate its tail.
"""

import numpy as np
from numpy.typing import NDArray

from attune.signal import SAMPLE_RATE as RATE

Array = NDArray[np.float64]

HOP = 128
FRAME_RATE = RATE / HOP
_WINDOW, _FFT = 512, 1024
_OVERLAPS = _WINDOW / HOP / 2
HERTZ = np.fft.rfftfreq(_FFT, 1 / RATE)
"""Frequency of each bin, (513,)."""


def spectra(signal: Array) -> NDArray[np.complex128]:
    """Return windowed spectra, one per frame, centred on the frame, (frames, bins)."""
    padded = np.pad(signal, (_WINDOW // 2, _WINDOW))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[: len(signal) : HOP]
    return np.fft.rfft(frames * np.hanning(_WINDOW + 1)[:-1], _FFT)


def overlap_add(frames: NDArray[np.complex128], samples: int) -> Array:
    """Return the sound, (samples,), of one spectrum per `HOP` samples, (frames, bins); fades in and out in 24 ms."""
    pieces = np.fft.irfft(frames, _FFT).reshape(len(frames), _FFT // HOP, HOP)
    out = np.zeros((len(frames) + _FFT // HOP, HOP))
    for part in range(_FFT // HOP):
        out[part : part + len(frames)] += pieces[:, part]
    return out.reshape(-1)[_WINDOW // 2 :][:samples] / _OVERLAPS
