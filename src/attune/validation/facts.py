"""What can be said about one audio file before anyone listens to it."""

import hashlib
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from attune.waveform.audio import AudioError, Fault, decode_channels

FULL_SCALE_SAMPLE = 32767 / 32768
"""The largest 16-bit sample; at or beyond it a sample counts as clipped."""


class AudioFacts(NamedTuple):
    """Measured on one file. None where a fault kept it from being decoded."""

    audio: str
    """The path as in utterances.parquet."""
    fault: Literal["none"] | Fault
    frames: int | None = None
    """Samples per channel."""
    sample_rate: int | None = None
    """Hz."""
    channels: int | None = None
    duration: float | None = None
    """Seconds."""
    peak: float | None = None
    """Largest magnitude in any channel; full scale is 1.0."""
    level: float | None = None
    """Root mean square of the mixed-down waveform about its mean, full scale 1.0."""
    dc_offset: float | None = None
    """Mean of the mixed-down waveform."""
    clipped: float | None = None
    """Share of samples at full scale, over all channels."""
    content: str | None = None
    """A digest of the samples: equal for two files that hold the same sound."""


def measure(root: Path, audio: str) -> AudioFacts:
    """Decode `root / audio` and measure it; what is wrong with the file is a fact, not an error."""
    try:
        channels, rate = decode_channels(root / audio)
    except AudioError as error:
        return AudioFacts(audio, error.fault)
    mixed = channels.mean(axis=1, dtype=np.float64)
    magnitude = np.abs(channels)
    return AudioFacts(
        audio,
        "none",
        frames=len(channels),
        sample_rate=rate,
        channels=channels.shape[1],
        duration=len(channels) / rate,
        peak=float(magnitude.max()),
        level=float(mixed.std()),
        dc_offset=float(mixed.mean()),
        clipped=float(np.mean(magnitude >= FULL_SCALE_SAMPLE)),
        content=hashlib.blake2b(channels.tobytes(), digest_size=16).hexdigest(),
    )
