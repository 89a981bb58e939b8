"""Reading of audio in blocks to its very end, whatever length its header states, and comparison of the two.

A header that states more than is found means a truncated file, an error. If it states less, reading continues past it
with a note where frames mark what is sound; where only the header does (WAV and the like), it is an error.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, BinaryIO, cast

import numpy as np

from attune.signal import Pcm
from attune.waveform.decoding import containers, flac, lengths, mpeg, ogg, plain, sndfile
from attune.waveform.decoding.faults import AudioError, conversion, decoding
from attune.waveform.decoding.sources import Source, check_decodable, name, seekable
from attune.waveform.decoding.stream import Block, Stream, in_turn
from attune.waveform.decoding.unpacked import Unpacked
from attune.waveform.decoding.window import Window

_FORMS = frozenset({*containers.FORMS, "IRCAM", "PAF", "PVF"})
"""libsndfile's names for containers whose stated lengths are parsed here, and those that state none."""
_SLACK = 2  # MPEG frames by which encoders' counts differ


@contextmanager
def opened(source: Source, where: str | None = None) -> Iterator[Stream]:
    """Open an audio file or stream: WAV, FLAC, MP3, Ogg and other formats that libsndfile reads.

    Args:
        source: a path, or a binary stream.
        where: its name in messages.

    Raises:
        AudioError: `missing`, `unreadable`, `empty`; while blocks are read, also `truncated` and `overlong`.
    """
    where = where or name(source)
    if isinstance(source, Unpacked):
        yield source.stream()
        return
    with seekable(source) as file:
        size = file.seek(0, 2)
        if as_is := plain.find(file, size):  # most files are plain, so check first
            yield _plain(file, as_is, where)
            return
        check_decodable(file, where)
        with _by_kind(file, size, where) as stream:
            yield stream


@contextmanager
def _by_kind(file: BinaryIO, size: int, where: str) -> Iterator[Stream]:
    if begin := mpeg.after_tags(file, 0):
        file, size = cast(BinaryIO, Window(file, begin, size)), max(size - begin, 0)
    file.seek(0)
    if file.read(4) == b"OggS":
        parts = [partial(_ogg, Window(file, *link), where) for link in ogg.links(file, size)]
        with in_turn(parts, "Ogg", where) as stream:
            yield stream
        return
    if flac.head(file):
        parts = [partial(_flac, Window(file, *link), where) for link in flac.links(file, size)]
        with in_turn(parts, "FLAC", where) as stream:
            yield stream
        return
    found = containers.samples(file, size)
    window = Window(containers.as_libsndfile_knows_it(file, size), 0, size, found.patch if found else (0, b""))
    if framed := _framed(file, window, found, where):
        with _frames(file, *framed, where) as stream:
            yield stream
        return
    with sndfile.opened(window, where) as sound:
        _check_form(sound.format, where)
        yield _stream(sound, lambda notes: _stated_blocks(sound, found, where))


def _plain(file: BinaryIO, found: plain.Plain, where: str) -> Stream:
    each = max(sndfile.BLOCK // found.channels, 1)
    first = 0

    def skip(sample: int) -> int:
        nonlocal first
        first = min(sample, found.length // (2 * found.channels)) // each * each
        return first

    def steps() -> Iterator[Pcm]:
        try:
            yield from plain.steps(file, found, sndfile.BLOCK, first)
        except plain.ChangedError:
            raise AudioError("truncated", "became shorter while it was read", where=where) from None

    return Stream(found.rate, found.channels, plain.blocks(steps()), steps(), skip)


def _check_form(form: str, where: str) -> None:
    if form == "MP3":
        what = "is MP3 in free format, or of fewer than three frames: where it ends cannot be told"
        raise AudioError("unreadable", what, where=where, remedy=decoding(where))
    if form not in _FORMS:
        what = f"is {form}, a format that does not show whether all of it was read"
        raise AudioError("unreadable", what, where=where, remedy=conversion(where))


def _framed(
    file: BinaryIO, window: Window, found: containers.Samples | None, where: str
) -> tuple[mpeg.Start, int] | None:
    """Return the start and end of MPEG frames: bare, in a WAV, or after bytes that begin no known container."""
    size = window.seek(0, 2)
    if begin := mpeg.find(file, 0, size):
        return begin, size
    try:
        with sndfile.opened(window, where) as sound:
            coding = sound.subtype
    except AudioError:
        begin = mpeg.find(file, 0, size, anywhere=True)
        if begin is None:
            raise
        return begin, size
    if coding.startswith("MPEG") and found and (begin := mpeg.find(file, found.start, size)):
        return begin, found.start + found.found
    return None


def _stream(sound: Any, blocks: Any) -> Stream:
    notes: list[str] = []
    return Stream(int(sound.samplerate), int(sound.channels), blocks(notes), notes=notes)


def _stated_blocks(sound: Any, found: containers.Samples | None, where: str) -> Iterator[Block]:
    """Yield the blocks of a container where only the header marks what is sound."""
    if found and found.stated is not None and found.stated != found.found:
        lengths.refuse(found.stated, found.found, "bytes of samples", where)
    count = 0
    try:
        for block in sndfile.blocks(sound):
            count += len(block)
            yield block
    except sndfile.BrokenError as error:
        raise _damaged(count, error, where) from None
    if count < sound.frames and (found is None or found.stated is not None):
        lengths.refuse(sound.frames, count, "samples", where)


def _flac_blocks(sound: Any, stated: int | None, as_stated: Window, notes: list[str], where: str) -> Iterator[Block]:
    """Yield the blocks of FLAC to the last frame; if something else (a tag) follows it, as many samples as stated."""
    count = 0
    try:
        for block in sndfile.blocks(sound):
            count += len(block)
            yield block
    except sndfile.BrokenError as error:
        if not stated:
            raise _damaged(count, error, where) from None
        for block in _behind(as_stated, count, stated, where):
            count += len(block)
            yield block
    lengths.compare(stated, count, notes, where)


def _behind(window: Window, first: int, last: int, where: str) -> Iterator[Block]:
    """Yield the blocks of a file between two samples."""
    place = 0
    with sndfile.opened(window, where) as sound:
        try:
            for block in sndfile.blocks(sound, last):
                yield block[max(first - place, 0) :]
                place += len(block)
        except sndfile.BrokenError as error:
            raise _damaged(place, error, where) from None


@contextmanager
def _ogg(window: Window, where: str) -> Iterator[Stream]:
    if lost := ogg.run_up(cast(BinaryIO, window), window.seek(0, 2)):
        what = f"was cut without decoding it, so that {lost} samples at its end would be lost"
        raise AudioError("unreadable", what, where=where, remedy=conversion(where))
    with sndfile.opened(window, where) as sound:
        yield _stream(sound, lambda notes: _stated_blocks(sound, containers.Samples(0, None, 0), where))


@contextmanager
def _flac(whole: Window, where: str) -> Iterator[Stream]:
    head = flac.head(whole)
    patched = Window(whole, 0, whole.seek(0, 2), (head.place, head.open) if head else (0, b""))
    with sndfile.opened(patched, where) as sound:
        stated = head.stated if head else None
        yield _stream(sound, lambda notes: _flac_blocks(sound, stated, whole, notes, where))


@contextmanager
def _frames(file: BinaryIO, begin: mpeg.Start, end: int, where: str) -> Iterator[Stream]:
    """Open MPEG frames through a pipe, without the header that libsndfile would trust."""
    with mpeg.piped(Window(file, begin.place, end)) as pipe, sndfile.opened(f"/dev/fd/{pipe}", where) as sound:
        yield _stream(sound, lambda notes: _mpeg_blocks(sound, begin, notes, where))


def _mpeg_blocks(sound: Any, begin: mpeg.Start, notes: list[str], where: str) -> Iterator[Block]:
    stated = begin.frames * begin.frame.samples if begin.frames else None
    count, held, skip = 0, np.empty((0, sound.channels), np.float32), begin.skip
    try:
        for block in sndfile.blocks(sound):
            count += len(block)
            skip, block = max(skip - len(block), 0), block[skip:]
            held = np.concatenate([held, block])
            if len(held) > begin.padding:
                yield held[: len(held) - begin.padding]
                held = held[len(held) - begin.padding :]
    except sndfile.BrokenError as error:
        raise _damaged(count, error, where) from None
    if stated and count < stated - _SLACK * begin.frame.samples:
        lengths.refuse(stated, count, "samples", where)
    if stated is None or count > stated:
        yield held
        lengths.compare(stated, count, notes, where)


def _damaged(count: int, error: sndfile.BrokenError, where: str) -> AudioError:
    return AudioError("truncated", f"breaks off or is damaged after {count} samples or later ({error})", where=where)
