"""Batches of waveforms in which padding never counts.

A waveform is cut to whole windows; one shorter than a window is zero-padded to one.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from attune.signal import Waveform, covered, window_count


class Batch(NamedTuple):
    """A batch of standardised waveforms: `waves` (batch, samples), zero beyond each one's `windows` (batch,)."""

    waves: torch.Tensor
    windows: torch.Tensor

    def to(self, device: torch.device) -> "Batch":
        return Batch(self.waves.to(device), self.windows.to(device))


def collate(waveforms: Sequence[Waveform], mean: float, std: float) -> Batch:
    """Standardise waveforms, cut them to whole windows and pad them with zeros to the longest one.

    Args:
        waveforms: each (samples,), 16 kHz, in [-1, 1).
        mean, std: of the training partition's samples.
    """
    windows = [window_count(len(waveform)) for waveform in waveforms]
    waves = np.zeros((len(waveforms), covered(max(windows))), dtype=np.float32)
    for row, waveform, n in zip(waves, waveforms, windows, strict=True):
        whole = waveform[: covered(n)]
        inside = row[: len(whole)]
        np.subtract(whole, np.float32(mean), out=inside)
        np.divide(inside, np.float32(std), out=inside)
    return Batch(torch.from_numpy(waves), torch.tensor(windows))
