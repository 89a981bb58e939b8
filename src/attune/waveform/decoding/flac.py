"""The stated length of a FLAC file, at which libsndfile stops whatever follows; and streams joined in one file."""

import re
from typing import BinaryIO, NamedTuple

from attune.waveform.decoding.mpeg import after_tags
from attune.waveform.decoding.window import Window


class Head(NamedTuple):
    """The length field of a FLAC file."""

    place: int
    """Offset of its five bytes."""
    stated: int | None
    """Samples per channel; None where the encoder did not know."""
    open: bytes
    """The five bytes as if the encoder had not known the length."""


def head(file: "BinaryIO | Window") -> Head | None:
    """Return the head of a native FLAC file, with or without ID3 tags before it; None for anything else."""
    start = after_tags(file, 0)
    file.seek(start)
    content = file.read(42)
    if len(content) < 42 or not content.startswith(b"fLaC"):
        return None
    place = 8 + 13  # marker and block header, then 13 bytes of STREAMINFO
    stated = int.from_bytes(content[place : place + 5], "big") & (1 << 36) - 1
    return Head(start + place, stated or None, bytes([content[place] & 0xF0, 0, 0, 0, 0]))


_BEGINS = re.compile(rb"fLaC[\x00\x80]\x00\x00\x22")
_BLOCK = 1 << 20


def links(file: BinaryIO, size: int) -> list[tuple[int, int]]:
    """Return the start and end, in bytes, of each stream of a file, which may contain several in sequence."""
    begins: list[int] = []
    place, overlap = 0, b""
    while place < size:
        file.seek(place)
        content = overlap + file.read(_BLOCK)
        begins += [place - len(overlap) + found.start() for found in _BEGINS.finditer(content)]
        place, overlap = place + _BLOCK, content[-7:]
    return [*zip(begins, [*begins[1:], size], strict=True)] if begins else [(0, size)]
