"""Remove parts of a waveform and fill the gaps."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from attune.signal import HOP, WINDOW, Waveform

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

Fill = Literal["silence", "noise", "neighbour"]
"""Zeros; white noise at the utterance's level; the sound next to the gap, reversed."""

FILLS: tuple[Fill, ...] = ("noise", "silence", "neighbour")


def by_hop(weights: Array) -> Array:
    """Return the strengths of hops ``(L + 3,)``: the mean weight, from ``(L,)``, of the windows that cover each."""
    covering = WINDOW // HOP
    kernel = np.ones(covering)
    summed: Array = np.convolve(weights, kernel) / np.convolve(np.ones(len(weights)), kernel)
    return summed


def strongest(strengths: Array, share: float) -> Mask:
    """Return a mask of the strongest hops ``(hops,)`` up to the given share of all; the earlier ones on a tie."""
    chosen = np.zeros(len(strengths), dtype=bool)
    chosen[np.argsort(-strengths, kind="stable")[: round(share * len(strengths))]] = True
    return chosen


def random_windows(hops: int, rng: np.random.Generator) -> Array:
    """Return strengths whose strongest hops are windows at random positions, one after the other."""
    strengths = np.zeros(hops)
    covering = min(WINDOW // HOP, hops)
    for rank, first in enumerate(rng.permutation(hops - covering + 1)):
        own = strengths[first : first + covering]
        own[own == 0] = hops - rank
    return strengths


def random_block(hops: int, rng: np.random.Generator) -> Array:
    """Return strengths whose strongest hops are one block at a random position, growing to both sides."""
    near: Array = -np.abs(np.arange(hops) - rng.integers(hops)).astype(np.float64)
    return near


def samples(hops: Mask, length: int) -> Mask:
    """Return which of `length` samples are in the hops; those beyond the last hop follow the last one."""
    repeated = np.repeat(hops, HOP)
    if len(repeated) >= length:
        return repeated[:length]
    return np.concatenate([repeated, np.full(length - len(repeated), hops[-1])])


def masked(waveform: Waveform, gone: Mask, fill: Fill, rng: np.random.Generator) -> Waveform:
    """Return the waveform ``(samples,)`` with other sound where it is `gone`."""
    result = waveform.copy()
    if fill == "silence":
        result[gone] = 0
    elif fill == "noise":
        level = np.sqrt(np.mean(np.square(waveform, dtype=np.float64)))
        result[gone] = rng.normal(0, level, int(gone.sum()))
    else:
        result[gone] = _neighbours(waveform, gone)
    return result


def _neighbours(waveform: Waveform, gone: Mask) -> Waveform:
    """Return, for each gap, the remaining sound before it, reversed; without any, that after it; else zeros."""
    left = np.flatnonzero(~gone)
    if gone.all() or not gone.any():
        return np.zeros(int(gone.sum()), dtype=np.float32)
    parts = []
    edges = np.flatnonzero(np.diff(np.concatenate([[False], gone, [False]])))
    for start, end in edges.reshape(-1, 2):
        before = np.searchsorted(left, start)
        source = left[:before][::-1] if before else left
        parts.append(waveform[np.resize(source, end - start)])
    return np.concatenate(parts)
