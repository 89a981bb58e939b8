"""Regular 16-bit WAV files, which most files are, read without libsndfile, which is slower.

Anything irregular is left to the other modules.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import numpy as np

from attune.signal import FULL_SCALE, Pcm
from attune.waveform.decoding.stream import Block

_PCM = 1
_FORM = struct.Struct("<HHIIHH")
_CHUNK = struct.Struct("<4sI")


class Plain(NamedTuple):
    """Position and format of the samples."""

    start: int
    length: int
    """Bytes."""
    channels: int
    rate: int
    """Hz."""


def find(file: BinaryIO, size: int) -> Plain | None:
    """Return the samples of a plain file: complete chunks up to its end, one the format and a later one the samples."""
    file.seek(0)
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return None
    form, data, place = None, None, 12
    while place < size:
        file.seek(place)
        header = file.read(_CHUNK.size)
        if len(header) < _CHUNK.size:
            return None
        name, length = _CHUNK.unpack(header)
        place += _CHUNK.size
        if name == b"fmt ":
            content = file.read(_FORM.size)
            if form or length < _FORM.size or len(content) < _FORM.size:
                return None
            form = _FORM.unpack(content)
        elif name == b"data":
            if data or not form:
                return None
            data = (place, length)
        elif not name.isalnum() and not name.strip().isalnum():
            return None
        place += length + length % 2
    return _plain(form, data) if place == size and form and data else None


def _plain(form: tuple[int, ...], data: tuple[int, int]) -> Plain | None:
    tag, channels, rate, _, align, bits = form
    start, length = data
    is_plain = (tag, bits, align) == (_PCM, 16, 2 * channels) and channels and rate and not length % align
    return Plain(start, length, channels, rate) if is_plain else None


def in_place(content: bytes, plain: Plain) -> Pcm:
    """Return the samples, shape (samples, channels), as a view of the file's bytes."""
    return np.frombuffer(content, "<i2", plain.length // 2, plain.start).reshape(-1, plain.channels)


class ChangedError(Exception):
    """The file became shorter while it was being read."""


def steps(file: BinaryIO, plain: Plain, samples: int, first: int = 0) -> Iterator[Pcm]:
    """Yield blocks of shape (samples, channels), each `samples` values, from sample `first` on.

    Raises:
        ChangedError: the file has become shorter.
    """
    begin = 2 * plain.channels * first
    file.seek(plain.start + begin)
    left, most = plain.length - begin, 2 * plain.channels * max(samples // plain.channels, 1)
    while left:
        content = file.read(min(most, left))
        if len(content) < min(most, left):
            raise ChangedError
        left -= len(content)
        yield np.frombuffer(content, "<i2").reshape(-1, plain.channels)


def blocks(found: Iterator[Pcm]) -> Iterator[Block]:
    """Convert blocks to float32, full scale at 1.0."""
    for block in found:
        yield block * np.float32(1 / FULL_SCALE)
