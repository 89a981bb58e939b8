"""Facts about a signal, gathered in one pass from sums over its channels, in constant memory."""

import hashlib
import math
from itertools import combinations_with_replacement
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from attune.signal import FULL_SCALE, Pcm
from attune.waveform.decoding.stream import Block
from attune.waveform.exact import AT_ONCE, Sums, exact_sums

FULL_SCALE_SAMPLE = 32767 / 32768
"""The largest 16-bit sample; at or beyond it a sample counts as clipped."""
SILENCE = 1e-4
"""-80 dBFS, three 16-bit steps: below it there is no speech."""
BELOW_LOUDEST = 1e-2
"""-40 dB: a channel this far below the loudest carries no sound of its own."""
OFF_SCALE = 4.0
"""Decoded speech sometimes peaks a little above full scale; beyond this it is on another scale."""


class Facts(NamedTuple):
    """Measurements of one signal."""

    frames: int
    """Samples per channel."""
    rate: int
    """Hz."""
    channels: int
    used: tuple[int, ...]
    """The channels that carry sound, counted from 0; their mean is the network's input."""
    peak: float
    """Largest magnitude in any channel; full scale is 1.0."""
    level: float
    """Root mean square of the mix about its mean; full scale is 1.0."""
    dc_offset: float
    """Mean of the mix."""
    clipped: float
    """Share of samples at full scale, over all channels."""
    off_scale: int
    """Samples beyond `OFF_SCALE`, over all channels."""
    in_phase: float
    """Power of the mix relative to uncorrelated channels: 1 for such, 2 for two identical ones, 0 if they cancel."""
    content: str | None
    """A digest of the samples, equal for files with the same sound; None if not requested."""
    notes: tuple[str, ...] = ()
    """Discrepancies between the file's header and the samples found."""

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.frames / self.rate


class Tally:
    """Sums over blocks of a signal."""

    def __init__(self, channels: int, *, digest: bool = False) -> None:
        self.frames, self.peak, self.clipped, self.off_scale, self.finite = 0, 0.0, 0, 0, True
        self._digest = hashlib.sha256() if digest else None
        self.whole = Sums()
        """Sums of 16-bit samples of a single channel."""
        self._sum = np.zeros(channels)
        self._products = np.zeros((channels, channels))

    def add(self, block: Block | Pcm) -> None:
        """Add a block of shape (samples, channels): floats with full scale at 1.0, or 16-bit integers."""
        self.frames += len(block)
        if not self.finite or not len(block):
            return
        scale = FULL_SCALE if block.dtype == np.int16 else 1
        peak = max(-float(block.min()), float(block.max())) / scale  # NaN if any sample is
        self.finite = math.isfinite(peak)
        if not self.finite:
            return
        if self._digest:
            self._digest.update(np.ascontiguousarray(block).data)
        self.peak = max(self.peak, peak)
        if peak >= FULL_SCALE_SAMPLE:
            magnitude = np.abs(block.astype(np.float64)) / scale
            self.clipped += int(np.count_nonzero(magnitude >= FULL_SCALE_SAMPLE))
            self.off_scale += int(np.count_nonzero(magnitude > OFF_SCALE))
        if block.shape[1] == 1 and block.dtype == np.int16:
            self.whole = self.whole.plus(exact_sums(block[:, 0].view(np.int16)))
            self._sum[0], self._products[0, 0] = self.whole.total / scale, self.whole.squares / scale**2
            return
        for start in range(0, len(block), AT_ONCE):
            self._count(block[start : start + AT_ONCE].T.astype(np.float64, order="C"), scale)

    def _count(self, columns: npt.NDArray[np.float64], scale: int) -> None:
        self._sum += columns.sum(axis=1) / scale
        for a, b in combinations_with_replacement(range(len(columns)), 2):
            product = (columns[a] * columns[b]).sum() / scale**2  # no BLAS: same bytes for any number of threads
            self._products[a, b] = self._products[b, a] = self._products[a, b] + product

    def facts(self, rate: int, notes: tuple[str, ...] = ()) -> Facts:
        """Return the facts about the blocks added so far; there must be some."""
        mean = self._sum / self.frames
        used, mixed, apart = _powers(self._products / self.frames - mean[:, None] * mean)
        return Facts(
            frames=self.frames,
            rate=rate,
            channels=len(mean),
            used=tuple(used),
            peak=self.peak,
            level=math.sqrt(max(mixed, 0.0)),
            dc_offset=float(mean[0] if len(mean) == 1 else mean[used].mean()),
            clipped=self.clipped / (self.frames * len(mean)),
            off_scale=self.off_scale,
            in_phase=max(mixed, 0.0) / apart if apart > 0 else 1.0,
            content=self._digest.hexdigest()[:32] if self._digest else None,
            notes=notes,
        )


def _powers(spread: npt.NDArray[np.float64]) -> tuple[list[int], float, float]:
    """Return the channels that carry sound, the power of their mix, and what it would be if they were uncorrelated."""
    if len(spread) == 1:
        return [0], float(spread[0, 0]), float(spread[0, 0])
    used = _sounding(np.sqrt(np.maximum(np.diag(spread), 0)))
    part = spread[np.ix_(used, used)]
    return used, float(part.sum()) / len(used) ** 2, float(np.trace(part)) / len(used) ** 2


def _sounding(levels: npt.NDArray[np.float64]) -> list[int]:
    """Return the channels that carry sound; all of them where none does."""
    loudest = levels.max()
    if loudest < SILENCE:
        return list(range(len(levels)))
    return [int(channel) for channel in np.flatnonzero(levels >= loudest * BELOW_LOUDEST)]
