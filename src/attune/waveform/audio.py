"""Audio files to waveforms: decode, mix down, resample, quantise.

One way for every step and for the served model, so that a file sounds the same in training and in use.
"""

import math
import re
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
import numpy.typing as npt

from attune.errors import AttuneError
from attune.waveform.store import FULL_SCALE, Pcm, Waveform

Fault = Literal["missing", "unreadable", "truncated", "empty", "not-finite", "too-long"]

_BLOCK = 1 << 16  # frames read at once: memory follows what a file holds, not what its header claims
_PROMISED = re.compile(r"^\s*(?:data|SSND|Data Size)\s*: (\d+) \(should be (\d+)\)", re.MULTILINE)
_STREAMED = 0x7FFFF000  # bytes; sizes from here on are what ffmpeg and sox write to a pipe for "unknown"
_LARGEST_KERNEL = 1 << 23  # numbers; 44.1 kHz to 16 kHz needs 0.1 million of them


class AudioError(AttuneError):
    """Audio that cannot be used, and in which way it is at fault."""

    def __init__(self, fault: Fault, what: str, *, where: object, remedy: str | None = None) -> None:
        self.fault = fault
        super().__init__(what, where=where, remedy=remedy)


def decode(source: Path | BinaryIO, most: int | None = None) -> tuple[Waveform, int]:
    """Decode an audio file or stream (WAV, FLAC and whatever else libsndfile reads) and mix it down.

    Args:
        source: the file.
        most: as for `decode_channels`.

    Returns:
        The mean of its channels, float32, shape (samples,), full scale at 1.0, and the sample rate in Hz.

    Raises:
        AudioError: see `decode_channels`.
    """
    channels, rate = decode_channels(source, most)
    return (channels[:, 0] if channels.shape[1] == 1 else channels.mean(axis=1, dtype=np.float32)), rate


def decode_channels(source: Path | BinaryIO, most: int | None = None) -> tuple[npt.NDArray[np.float32], int]:
    """Decode an audio file or stream: float32 of shape (samples, channels), full scale at 1.0, and the rate in Hz.

    Args:
        source: the file.
        most: numbers (samples times channels) at most; decoding stops there, whatever the header promised.

    Raises:
        AudioError: `too-long` (more than `most`), `missing` (no such file), `unreadable` (in no format known),
            `truncated` (fewer samples than its header promises), `empty` (no samples), `not-finite` (NaN
            or infinite samples). The message names the file.
    """
    import soundfile

    name = str(source) if isinstance(source, Path) else str(getattr(source, "name", "the audio given"))
    if isinstance(source, Path) and not source.is_file():
        raise AudioError("missing", "no such audio file", where=name)
    try:
        # TypeError is what soundfile raises for a name that ends in .raw
        with soundfile.SoundFile(str(source) if isinstance(source, Path) else source) as file:
            rate = int(file.samplerate)
            samples = _blocks(file, name, most)
            _check_promise(file, len(samples), name)
    except (soundfile.LibsndfileError, TypeError) as error:
        reason = str(getattr(error, "error_string", error)).rstrip(".")  # without the source, which `where` names
        raise AudioError("unreadable", f"cannot be decoded as audio ({reason})", where=name) from None
    if len(samples) == 0:
        raise AudioError("empty", "holds no samples", where=name)
    if not np.isfinite(samples).all():
        raise AudioError("not-finite", "holds NaN or infinite samples", where=name)
    return samples, rate


def _blocks(file: Any, name: str, most: int | None) -> npt.NDArray[np.float32]:
    import soundfile

    blocks = [np.empty((0, file.channels), np.float32)]
    numbers = 0
    try:
        while len(block := file.read(_BLOCK, dtype="float32", always_2d=True)):
            blocks.append(block)
            numbers += block.size
            if most is not None and numbers > most:
                raise AudioError("too-long", f"more than {most / 1e6:g} million samples, all channels", where=name)
    except soundfile.LibsndfileError as error:
        read = sum(map(len, blocks))
        raise AudioError(
            "truncated", f"breaks off or is damaged after {read} of {file.frames} samples ({error})", where=name
        ) from None
    return np.concatenate(blocks)


def _check_promise(file: Any, samples: int, name: str) -> None:
    """libsndfile quietly shortens what a WAV, AIFF or AU header promises to what is there, and tells only its log.

    (Of RF64 and W64, which are for files beyond 4 GB, it does not tell even that.)
    """
    promise = _PROMISED.search(file.extra_info)
    promised, there = map(int, promise.groups()) if promise else (0, 0)
    if there < promised < _STREAMED:
        raise AudioError(
            "truncated", f"is truncated: {there} bytes of samples where its header promises {promised}", where=name
        )
    if samples < file.frames:
        raise AudioError(
            "truncated", f"is truncated: {samples} samples where its header promises {file.frames}", where=name
        )


def to_rate(waveform: Waveform, rate: int, target: int) -> Waveform:
    """Resample a waveform, shape (samples,), from `rate` to `target` Hz: ceil(samples * target / rate) samples.

    A windowed sinc by torchaudio, its window a Kaiser one (the settings its documentation gives for the best
    quality); the waveform itself where the rates agree.

    Raises:
        AttuneError: a rate below a sixteenth of the target, or two rates with so small a common divisor that the
            filter would fill the memory.
    """
    if rate == target:
        return waveform
    divisor = math.gcd(rate, target)
    up, down = target // divisor, rate // divisor
    if up > 16 * down or up * down * (1 + 136 / min(up, down)) > _LARGEST_KERNEL:
        raise AttuneError(
            f"audio at {rate} Hz cannot be resampled to {target} Hz",
            remedy="Convert it to a common rate first, such as 8000, 16000, 44100 or 48000 Hz.",
        )
    return _sinc(waveform, down, up)


def _sinc(waveform: Waveform, down: int, up: int) -> Waveform:
    import torch

    from attune.waveform.torchaudio_import import functional

    resampled = functional().resample(
        torch.from_numpy(np.ascontiguousarray(waveform)),
        down,
        up,
        lowpass_filter_width=64,
        rolloff=0.9475937167399596,
        resampling_method="sinc_interp_kaiser",
        beta=14.769656459379492,
    )
    return resampled.numpy()


def to_pcm(waveform: Waveform) -> Pcm:
    """Quantise to int16: times 32768, rounded half to even, clipped to [-32768, 32767].

    16-bit audio comes through unchanged; a float sample at or beyond full scale becomes 32767 or -32768.
    """
    steps = np.rint(waveform.astype(np.float64) * FULL_SCALE)
    return np.clip(steps, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
