"""Ogg files (Vorbis, Opus, FLAC in Ogg) joined end to end: libsndfile reads the first and stops."""

from typing import BinaryIO

_BEGINS = 2


def links(file: BinaryIO, size: int) -> list[tuple[int, int]]:
    """Beginning and end, in bytes, of each stream of a file that may be several, one after the other.

    Streams that are interleaved begin together and are one link. Pages that cannot be followed end the search.
    """
    begins: list[int] = []
    place, beginning = 0, False
    while place < size:
        file.seek(place)
        head = file.read(27)
        if len(head) < 27 or not head.startswith(b"OggS"):
            break
        first = bool(head[5] & _BEGINS)
        if first and not beginning:
            begins.append(place)
        beginning = first
        place += 27 + head[26] + sum(file.read(head[26]))
    return [*zip(begins, [*begins[1:], size], strict=True)] if begins else [(0, size)]
