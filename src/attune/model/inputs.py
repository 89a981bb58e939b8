"""How utterances become batches, by what a system takes: waveforms or precomputed features."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from attune.features.encoder import Encoder
from attune.features.packed import Frames
from attune.model import windows
from attune.model.windows import Batch
from attune.signal import SAMPLE_RATE, Waveform, window_count


class Inputs(ABC):
    """A network's input for an utterance: an array whose first dimension is time, with `rate` entries per second."""

    rate: int

    @abstractmethod
    def count(self, length: int) -> int:
        """Return the number of windows in an utterance of `length` entries."""

    @abstractmethod
    def collate(self, utterances: Sequence[Any]) -> Batch:
        """Combine utterances into a batch, zero beyond each one's own windows."""


@dataclass(frozen=True)
class Waves(Inputs):
    """Waveforms (samples,) at 16 kHz in [-1, 1), standardised by the training partition's `mean` and `std`."""

    mean: float
    std: float
    rate: int = SAMPLE_RATE

    def count(self, length: int) -> int:
        return window_count(length)

    def collate(self, utterances: Sequence[Waveform]) -> Batch:
        return windows.collate(utterances, self.mean, self.std)


@dataclass(frozen=True)
class Measured(Inputs):
    """Precomputed frames (frames, ...); a window is a frame."""

    rate: int

    def count(self, length: int) -> int:
        return length

    def collate(self, utterances: Sequence[Frames]) -> Batch:
        counts = [len(frames) for frames in utterances]
        padded = np.zeros((len(counts), max(counts), *utterances[0].shape[1:]), np.float32)
        for row, frames in zip(padded, utterances, strict=True):
            row[: len(frames)] = frames
        return Batch(torch.from_numpy(padded), torch.tensor(counts))


@dataclass(frozen=True)
class EncoderWaves(Inputs):
    """Waveforms (samples,) at 16 kHz in [-1, 1), not standardised, each cut to an encoder's whole frames."""

    encoder: Encoder
    rate: int = SAMPLE_RATE

    def count(self, length: int) -> int:
        return self.encoder.count(length)

    def collate(self, utterances: Sequence[Waveform]) -> Batch:
        counts = [self.encoder.count(len(waveform)) for waveform in utterances]
        waves = np.zeros((len(counts), self.encoder.covered(max(counts))), np.float32)
        for row, waveform, count in zip(waves, utterances, counts, strict=True):
            whole = waveform[: self.encoder.covered(count)]
            row[: len(whole)] = whole
        return Batch(torch.from_numpy(waves), torch.tensor(counts))
