"""Quantisation to int16 block by block, so that memory is two bytes per sample."""

import io
from collections.abc import Iterable
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from attune.signal import FULL_SCALE, Pcm


def quantised(blocks: Iterable[Any]) -> Pcm:
    """Concatenate blocks as int16, shape (samples,); each is int16 already, or floats as for `to_pcm`."""
    parts = (np.ascontiguousarray(block if block.dtype == np.int16 else to_pcm(block)) for block in blocks)
    first = next(parts, np.empty(0, np.int16))
    second = next(parts, None)
    if second is None:  # most recordings are one block
        return first
    kept = io.BytesIO()
    for part in chain((first, second), parts):
        kept.write(part.data)
    return np.frombuffer(kept.getbuffer(), dtype=np.int16)


def to_pcm(waveform: npt.NDArray[np.floating]) -> Pcm:
    """Quantise to int16: times 32768, rounded half to even, clipped to [-32768, 32767].

    16-bit audio is unchanged; a float sample at or beyond full scale becomes 32767 or -32768.
    """
    steps = waveform.astype(np.float64)
    steps *= FULL_SCALE
    np.rint(steps, out=steps)
    np.clip(steps, -FULL_SCALE, FULL_SCALE - 1, out=steps)
    return steps.astype(np.int16)
