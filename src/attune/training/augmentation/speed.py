"""Speed perturbation (Ko et al. 2015): resampled, so that tempo, pitch and formants change together."""

import math

import numpy as np
import torch

from attune.signal import Waveform
from attune.waveform import torchaudio_import

STEPS = 100
"""Speeds are hundredths."""


def draw(random: np.random.Generator, share: float) -> int:
    """One of three speeds in hundredths, each as likely: slower by the share, as it is, faster."""
    return STEPS + round(STEPS * share) * int(random.integers(-1, 2)) if share else STEPS


def length(samples: int, speed: int) -> int:
    """Samples of what had so many, at that speed."""
    return math.ceil(samples * STEPS / speed)


def change(wave: Waveform, speed: int) -> Waveform:
    """An utterance (samples,) at that speed."""
    if speed == STEPS:
        return wave
    resample = torchaudio_import.transforms().Resample(speed, STEPS)
    found: Waveform = resample(torch.from_numpy(np.array(wave, np.float32))).numpy()
    return found
