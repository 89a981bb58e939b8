"""MPEG audio (MP3, MP2): a chain of frames, usually without a stated length.

libsndfile trusts the Xing header that many files begin with, or else guesses from the first frame's bit rate; either
way it stops at that length. Through a pipe, and without that header, it reads every frame. The header's frame count is
then a claim to compare with, and its encoder delay gives the samples to cut off.
"""

import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple

from attune.waveform.decoding.window import Window

_KBPS = {  # by (MPEG 1?, layer), for the bit rate indices 1 to 14
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = (44100, 48000, 32000)
_SEARCHED = 1 << 20  # bytes in which the first frame is searched for
_CHAIN = 1 << 14  # bytes; more than three frames
_DECODER_DELAY = 529  # samples, in every layer III decoder


class Frame(NamedTuple):
    """The header of one frame."""

    length: int
    """Bytes, including the header."""
    rate: int
    """Hz."""
    samples: int
    """Per channel."""
    layer: int


class Start(NamedTuple):
    """Where the sound begins, and the claims of the Xing header."""

    place: int
    """Offset of the first frame with sound."""
    frame: Frame
    frames: int | None
    """Number of frames by the header, not counting the header's own."""
    skip: int
    """Samples to drop at the beginning: the delays of encoder and decoder."""
    padding: int
    """Samples to drop at the end."""


def find(file: BinaryIO, start: int, end: int, *, anywhere: bool = False) -> Start | None:
    """Return the start of the frames between two offsets of a file; None where there are none.

    Args:
        file: a seekable file.
        start: offset of the first frame, or of the ID3 tags before it.
        end: offset after the last frame.
        anywhere: whether other bytes may precede the first frame.
    """
    start = after_tags(file, start)
    file.seek(start)
    head = file.read(min(_SEARCHED, end - start) if anywhere else _CHAIN)
    at = head.find(b"\xff")
    while at >= 0 and (anywhere or at == 0):
        frame = _frame(head[at : at + 4])
        if frame and _is_followed(head, at, frame):
            return _start(head[at : at + frame.length], frame, start + at)
        at = head.find(b"\xff", at + 1)
    return None


def _is_followed(head: bytes, at: int, frame: Frame) -> bool:
    """Return whether the next two frames are where expected, as far as the bytes go; one could occur by chance."""
    for _ in range(2):
        at += frame.length
        after = _frame(head[at : at + 4])
        if after is None or (after.rate, after.layer) != (frame.rate, frame.layer):
            return False
        frame = after
    return True


@contextmanager
def piped(window: Window) -> Iterator[int]:
    """Yield the reading end of a pipe that delivers a window's bytes."""
    reading, writing = os.pipe()
    thread = threading.Thread(target=_feed, args=(window, writing), daemon=True)
    thread.start()
    try:
        yield reading
    finally:
        os.close(reading)
        thread.join()


def _feed(window: Window, writing: int) -> None:
    try:
        with os.fdopen(writing, "wb", buffering=0) as pipe:
            while block := window.read(1 << 16):
                pipe.write(block)
    except BrokenPipeError:  # the reader has finished early
        pass


def after_tags(file: "BinaryIO | Window", place: int) -> int:
    while True:
        file.seek(place)
        head = file.read(10)
        if len(head) < 10 or not head.startswith(b"ID3"):
            return place
        a, b, c, d = head[6:10]
        footer = 10 if head[5] & 16 else 0
        place += 10 + (a << 21 | b << 14 | c << 7 | d) + footer


def _frame(header: bytes) -> Frame | None:
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    kbps, rate, pad = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or layer == 4 or kbps in (0, 15) or rate == 3:
        return None
    first = version == 3
    hertz = _RATES[rate] >> {3: 0, 2: 1, 0: 2}[version]
    bits = 1000 * _KBPS[first, layer][kbps - 1]
    if layer == 1:
        return Frame(4 * (12 * bits // hertz + pad), hertz, 384, layer)
    samples = 576 if layer == 3 and not first else 1152
    return Frame(samples // 8 * bits // hertz + pad, hertz, samples, layer)


def _start(content: bytes, frame: Frame, place: int) -> Start:
    """Return the claims of an Info, Xing or VBRI frame, which has no sound; or the first frame itself."""
    for mark in (b"Xing", b"Info"):
        if (at := content.find(mark, 4, 48)) >= 0:
            return _from_xing(content[at:], frame, place)
    if content[36:40] == b"VBRI" and len(content) >= 54:
        (frames,) = struct.unpack(">I", content[50:54])
        return Start(place + frame.length, frame, frames or None, 0, 0)
    return Start(place, frame, None, 0, 0)


def _from_xing(tag: bytes, frame: Frame, place: int) -> Start:
    tag = tag.ljust(200, b"\0")
    flags, frames = struct.unpack(">II", tag[4:12])
    encoder = 8 + sum(size for bit, size in ((1, 4), (2, 4), (4, 100), (8, 4)) if flags & bit)
    a, b, c = tag[encoder + 21 : encoder + 24]
    delay, padding = a << 4 | b >> 4, (b & 15) << 8 | c
    known = tag[encoder : encoder + 1].isalpha() and (delay or padding)
    skip, rest = (delay + _DECODER_DELAY, max(padding - _DECODER_DELAY, 0)) if known else (0, 0)
    return Start(place + frame.length, frame, frames if flags & 1 and frames else None, skip, rest)
