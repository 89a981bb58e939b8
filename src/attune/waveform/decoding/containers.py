"""The length of an uncompressed file: as stated in its header, and as found.

libsndfile silently shortens a length that is too great, and never reads beyond one that is too small. WAV, RF64, W64,
AIFF, AU and CAF state how many bytes of samples they have; a writer to a pipe cannot know it, and leaves 0 or all ones.
"""

import re
import string
import struct
from collections.abc import Callable
from typing import Any, BinaryIO, NamedTuple

from attune.waveform.decoding.window import Window

_TAGGED = {(name,) for name in (b"LIST", b"id3 ", b"ID3 ", b"bext", b"cue ", b"smpl", b"JUNK", b"iXML", b"_PMX")}
_PRINTABLE = frozenset(string.printable.encode())
_PADDING = 4096  # bytes of zeros that some writers leave after the last chunk
_TAG = 128  # bytes of an ID3v1 tag


class Samples(NamedTuple):
    """Position of a file's samples."""

    start: int
    """Offset of the first byte."""
    stated: int | None
    """Bytes stated in the header; None where it leaves the length open."""
    found: int
    """Bytes up to the end of the file, or up to what follows the samples where `stated` is right."""
    patch: tuple[int, bytes] = (0, b"")
    """Where the length is left open: the offset of the field that should state it, and the bytes that would."""


class _Form(NamedTuple):
    """A container's chunk format."""

    header: str
    """`struct` format of name and length."""
    align: int
    """Chunks begin at multiples of this many bytes."""
    inside: int
    """Bytes of the header that the length includes."""
    open: int
    """Lengths from here on mean that the writer did not know the length."""


_WAV = _Form("<4sI", 2, 0, 0x7FFFF000)
_WAV_BIG = _Form(">4sI", 2, 0, 0x7FFFF000)
_AIFF = _Form(">4sI", 2, 0, 0x7F000000)
_W64 = _Form("<16sQ", 8, 24, 1 << 62)
_CAF = _Form(">4sQ", 1, 0, 1 << 62)


def samples(file: BinaryIO, size: int) -> Samples | None:
    """Return where the samples are; None for another kind of container, or one that is damaged before them.

    Args:
        file: a seekable file.
        size: bytes of the file.
    """
    file.seek(0)
    head = file.read(8)
    for magic, read in _KINDS:
        if head.startswith(magic):
            return read(file, size)
    return None


def _riff(file: BinaryIO, size: int, form: _Form) -> Samples | None:
    place = _chunk(file, 12, b"data", form)
    wide = _chunk(file, 12, b"ds64", form)
    if place is None:
        return None
    (stated,) = _unpacked(file, place + 4, form.header[0] + "I") or (0,)
    if stated == 0xFFFFFFFF and wide is not None and (long := _unpacked(file, wide + 16, "<Q")):
        return _judged(file, size, place + 8, long[0], form._replace(open=1 << 62), (wide + 16, "<Q", 0))
    return _judged(file, size, place + 8, stated, form, (place + 4, form.header[0] + "I", 0))


def _aiff(file: BinaryIO, size: int) -> Samples | None:
    place = _chunk(file, 12, b"SSND", _AIFF)
    if place is None:
        return None
    (length,) = _unpacked(file, place + 4, ">I") or (0,)
    return _judged(file, size, place + 16, max(length - 8, 0), _AIFF, (place + 4, ">I", 8))


def _w64(file: BinaryIO, size: int) -> Samples | None:
    place = _chunk(file, 40, b"data", _W64)
    if place is None:
        return None
    (length,) = _unpacked(file, place + 16, "<Q") or (0,)
    return _judged(file, size, place + 24, max(length - 24, 0), _W64, (place + 16, "<Q", 24))


def _caf(file: BinaryIO, size: int) -> Samples | None:
    place = _chunk(file, 8, b"data", _CAF)
    if place is None:
        return None
    (length,) = _unpacked(file, place + 4, ">Q") or (0,)
    return _judged(file, size, place + 16, max(length - 4, 0), _CAF, (place + 4, ">Q", 4))


def _au(file: BinaryIO, size: int) -> Samples | None:
    place, stated = _unpacked(file, 4, ">II") or (0, 0)
    return _judged(file, size, place, stated, _AIFF, (8, ">I", 0))


def _nist(file: BinaryIO, size: int) -> Samples | None:
    file.seek(0)
    head = file.read(1024)
    fields = {name: int(value) for name, value in _FIELD.findall(head)}
    try:
        start = int(head[8:16])
        stated = fields[b"sample_count"] * fields[b"channel_count"] * fields[b"sample_n_bytes"]
    except (KeyError, ValueError):
        return None
    there = max(size - start, 0)
    file.seek(start)
    is_open = b"shorten" in head or file.read(4) == b"ajkg"
    return Samples(start, None if is_open else stated, stated if stated <= there <= stated + _PADDING else there)


_FIELD = re.compile(rb"^(\w+) -i (\d+)\s*$", re.MULTILINE)
FORMS = ("WAV", "WAVEX", "RF64", "W64", "AIFF", "AU", "CAF", "NIST")
"""libsndfile's names for these containers."""


def as_libsndfile_knows_it(file: BinaryIO, size: int) -> "BinaryIO | Window":
    """Return the file in a form that libsndfile reads correctly.

    It does not know BW64 (ITU-R BS.2088), which is RF64 under another name, and takes any samples in an extensible W64
    for integers, even floating-point ones.
    """
    file.seek(0)
    magic = file.read(8)
    if magic.startswith(b"BW64"):
        return Window(file, 0, size, (0, b"RF64"))
    if magic.startswith(_W64_MAGIC) and (place := _chunk(file, 40, b"fmt ", _W64)):
        tag, coding = (_unpacked(file, place + 24 + offset, "<2s") or (b"",) for offset in (0, 24))
        return Window(file, 0, size, (place + 24, *coding)) if tag == (_EXTENSIBLE,) else file
    return file


_W64_MAGIC = b"riff\x2e\x91\xcf\x11"
_EXTENSIBLE = b"\xfe\xff"


_KINDS: tuple[tuple[bytes, Callable[[BinaryIO, int], Samples | None]], ...] = (
    (b"RIFX", lambda file, size: _riff(file, size, _WAV_BIG)),
    (b"RIFF", lambda file, size: _riff(file, size, _WAV)),
    (b"RF64", lambda file, size: _riff(file, size, _WAV)),
    (b"BW64", lambda file, size: _riff(file, size, _WAV)),
    (b"FORM", _aiff),
    (_W64_MAGIC, _w64),
    (b".snd", _au),
    (b"caff", _caf),
    (b"NIST_1A", _nist),
)


def _chunk(file: BinaryIO, place: int, wanted: bytes, form: _Form) -> int | None:
    """Return the offset of the header of the first chunk with that name."""
    while header := _unpacked(file, place, form.header):
        if header[0].startswith(wanted):
            return place
        place = _behind(place, header[1], form)
    return None


def _behind(place: int, length: int, form: _Form) -> int:
    step = max(struct.calcsize(form.header) - form.inside + length, struct.calcsize(form.header))
    return place + step + -step % form.align


def _judged(file: BinaryIO, size: int, start: int, stated: int, form: _Form, field: tuple[int, str, int]) -> Samples:
    there = max(size - start, 0)
    explained = stated <= there and _is_explained(file, start + stated, size, form)
    if stated >= form.open or (stated == 0 and not explained):
        place, kind, more = field
        length = min(there + more, 0x7FFFEFFF if kind.endswith("I") else there + more)
        return Samples(start, None, there, (place, struct.pack(kind, length)))
    return Samples(start, stated, stated if explained else there)


def _is_explained(file: BinaryIO, place: int, size: int, form: _Form) -> bool:
    """Return whether the samples are followed by nothing, chunks, a tag or a few zeros: anything but more samples."""
    return any(_is_chunks(file, place + gap, size, form) for gap in range(form.align))


def _is_chunks(file: BinaryIO, place: int, size: int, form: _Form) -> bool:
    while place < size:
        header = _unpacked(file, place, form.header)
        if header is None or not set(header[0][:4]) <= _PRINTABLE or place + header[1] > size:
            return _is_rest(file, place, size)
        place = _next(file, place, header[1], size, form)
    return True


def _next(file: BinaryIO, place: int, length: int, size: int, form: _Form) -> int:
    """Return the offset of the next chunk, possibly odd, as not every writer pads a chunk of odd length."""
    aligned = _behind(place, length, form)
    bare = place + struct.calcsize(form.header) - form.inside + length
    if bare == size or (bare < aligned and _unpacked(file, bare, "<4s") in _TAGGED):
        return bare
    return aligned


def _is_rest(file: BinaryIO, place: int, size: int) -> bool:
    file.seek(place)
    if size - place == _TAG and file.read(3) == b"TAG":
        return True
    file.seek(place)
    return size - place <= _PADDING and not any(file.read(size - place))


def _unpacked(file: BinaryIO, place: int, form: str) -> tuple[Any, ...] | None:
    file.seek(place)
    content = file.read(struct.calcsize(form))
    return struct.unpack(form, content) if len(content) == struct.calcsize(form) else None
