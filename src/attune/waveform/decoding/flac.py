"""What a FLAC file states of its length, where libsndfile stops whatever follows; and several joined in one file."""

import re
from typing import BinaryIO, NamedTuple

from attune.waveform.decoding.mpeg import after_tags
from attune.waveform.decoding.window import Window


class Head(NamedTuple):
    """What a FLAC file says of its length."""

    place: int
    """Offset of the five bytes that say it."""
    stated: int | None
    """Samples per channel; None where the encoder did not know."""
    open: bytes
    """Those five bytes as they would be if it had not known."""


def head(file: "BinaryIO | Window") -> Head | None:
    """The head of a native FLAC file, with or without ID3 tags before it; None for anything else."""
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
    """Beginning and end, in bytes, of each stream of a file that may be several, one after the other."""
    begins: list[int] = []
    place, overlap = 0, b""
    while place < size:
        file.seek(place)
        content = overlap + file.read(_BLOCK)
        begins += [place - len(overlap) + found.start() for found in _BEGINS.finditer(content)]
        place, overlap = place + _BLOCK, content[-7:]
    return [*zip(begins, [*begins[1:], size], strict=True)] if begins else [(0, size)]
