"""Ogg files (Vorbis, Opus, FLAC in Ogg) joined end to end, of which libsndfile reads only the first."""

from typing import BinaryIO

_BEGINS = 2


def links(file: BinaryIO, size: int) -> list[tuple[int, int]]:
    """Return the start and end, in bytes, of each stream of a file, which may contain several in sequence.

    Interleaved streams begin together and count as one link. A page that cannot be parsed ends the search.
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
