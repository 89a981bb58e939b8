"""Speed perturbation (Ko et al. 2015): resampled, so that tempo, pitch and formants change together."""

import math

import numpy as np
import torch

from attune.signal import Waveform
from attune.waveform import torchaudio_import

STEPS = 100
"""Speeds are in hundredths."""


def draw(random: np.random.Generator, share: float) -> int:
    """Draw one of three equally likely speeds in hundredths: slower by the share, unchanged, faster."""
    return STEPS + round(STEPS * share) * int(random.integers(-1, 2)) if share else STEPS


def length(samples: int, speed: int) -> int:
    """Return the number of samples after the change of speed."""
    return math.ceil(samples * STEPS / speed)


def change(wave: Waveform, speed: int) -> Waveform:
    """Return an utterance (samples,) at that speed."""
    if speed == STEPS:
        return wave
    resample = torchaudio_import.transforms().Resample(speed, STEPS)
    found: Waveform = resample(torch.from_numpy(np.array(wave, np.float32))).numpy()
    return found
