"""Constants of the signal shared by all code: sample rate, windows, sample format.

A window is 40 ms and starts every 10 ms (Zhang et al. 2019, section 2). Window i is samples 160 i to 160 i + 639.
"""

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 16_000
"""Hz."""

WINDOW = 640
HOP = 160
"""Samples in a window, and from the start of one window to the start of the next."""

FULL_SCALE = 32768
"""Steps of a 16-bit sample from 0 to 1."""

Waveform = npt.NDArray[np.float32]
"""Samples (samples,) in [-1, 1)."""

Pcm = npt.NDArray[np.int16]


def window_count(samples: int) -> int:
    """Return the number of windows in a waveform: 1 + floor((samples - 640) / 160), at least one.

    >>> [window_count(samples) for samples in (100, 640, 799, 800)]
    [1, 1, 1, 2]
    """
    return 1 + max(0, samples - WINDOW) // HOP


def covered(windows: int) -> int:
    """Return the number of samples that the windows cover.

    >>> covered(2)
    800
    """
    return WINDOW + HOP * (windows - 1)
