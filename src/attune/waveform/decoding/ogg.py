"""What libsndfile overlooks in Ogg: streams joined end to end, and the run-up of a Vorbis stream that was cut."""

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

_CONTINUED, _BEGINS = 1, 2
_HEADERS = 3
"""Packets before the sound in a Vorbis stream."""


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


def run_up(file: BinaryIO, size: int) -> int:
    """Return how many samples of a Vorbis stream lie before its time zero, as after a cut made without decoding.

    A decoder drops them; libsndfile keeps them and drops as many at the end (Vorbis I specification, A.2). The size of
    a packet's block is read as encoders write it, with two modes; where the second page's time does not confirm that,
    and in a stream of one page, the answer is 0.
    """
    blocks = _block_sizes(file)
    pages = _sounding(file, size, blocks) if blocks else iter(())
    first, second = next(pages, None), next(pages, None)
    if first is None or second is None or second.time - first.time != second.samples:
        return 0
    return max(first.samples - first.time, 0)


class _Page(NamedTuple):
    time: int
    """Of its end, in samples."""
    samples: int
    """What its packets decode to."""


def _block_sizes(file: BinaryIO) -> tuple[int, int] | None:
    file.seek(0)
    head = file.read(27)
    if len(head) < 27:
        return None
    packet = file.read(head[26] + 30)[head[26] :]
    if not packet.startswith(b"\x01vorbis") or len(packet) < 29:
        return None
    return 1 << (packet[28] & 15), 1 << (packet[28] >> 4)


def _sounding(file: BinaryIO, size: int, blocks: tuple[int, int]) -> Iterator[_Page]:
    place, headers, last, kind = 0, 0, 0, 0
    while place < size:
        file.seek(place)
        head = file.read(27)
        if len(head) < 27 or not head.startswith(b"OggS"):
            return
        lengths = file.read(head[26])
        body, at, samples, begins = file.read(sum(lengths)), 0, 0, not head[5] & _CONTINUED
        was_header = headers < _HEADERS
        for length in lengths:
            if begins and at < len(body):
                kind = body[at] >> 1 & 1
            at, begins = at + length, length < 255
            if begins and headers < _HEADERS:
                headers += 1
            elif begins:
                samples += (last + blocks[kind]) // 4 if last else 0
                last = blocks[kind]
        (time,) = struct.unpack("<q", head[6:14])
        if not was_header and time >= 0:
            yield _Page(time, samples)
        place += 27 + len(lengths) + len(body)
