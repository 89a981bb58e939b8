"""Facts measured on an audio file without listening to it."""

from pathlib import Path
from typing import Literal, NamedTuple

from attune.validation.pitch import Pitch
from attune.waveform import audio as waveforms
from attune.waveform.audio import AudioError, Fault, Span
from attune.waveform.decoding.unpacked import Unpacked

WHOLE = Span()


class AudioFacts(NamedTuple):
    """Measurements of one file; None where a fault prevented decoding."""

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
    """Root mean square of the mixed-down waveform about its mean; full scale is 1.0."""
    dc_offset: float | None = None
    """Mean of the mixed-down waveform."""
    clipped: float | None = None
    """Share of samples at full scale, over all channels."""
    off_scale: int | None = None
    """Samples far beyond full scale, over all channels."""
    in_phase: float | None = None
    """Power of the mix relative to that of uncorrelated channels; 0 where they cancel."""
    dead_channels: int | None = None
    """Channels without sound, which are left out of the mix."""
    length: str | None = None
    """"as stated", or how the header and the samples found disagree."""
    content: str | None = None
    """A digest of the samples: equal for files with the same sound."""
    pitch: float | None = None
    """Hz, median over voiced frames; None where hardly anything is voiced."""
    start: float | None = None
    """Seconds; set, like `end`, where the utterance is a part of the file."""
    end: float | None = None


def measure(root: Path, audio: str, span: Span = WHOLE, unpacked: Unpacked | None = None) -> AudioFacts:
    """Decode `root / audio` and measure all or a part of it; a fault in the file is a fact, not an error.

    Args:
        root: the folder that the path is relative to.
        audio: its path.
        span: the part.
        unpacked: the recording, if it was decoded already.
    """
    pitch = Pitch()
    try:
        facts = waveforms.measure(unpacked or root / audio, span=span, passing=pitch.add)
    except AudioError as error:
        return AudioFacts(audio, error.fault)
    return AudioFacts(
        audio,
        "none",
        frames=facts.frames,
        sample_rate=facts.rate,
        channels=facts.channels,
        duration=facts.duration,
        peak=facts.peak,
        level=facts.level,
        dc_offset=facts.dc_offset,
        clipped=facts.clipped,
        off_scale=facts.off_scale,
        in_phase=facts.in_phase,
        dead_channels=facts.channels - len(facts.used),
        length="; ".join(facts.notes) or "as stated",
        content=facts.content,
        pitch=pitch.median,
    )
