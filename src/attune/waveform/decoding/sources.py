"""Where audio comes from: a file by its path, a stream, standard input; and what is plainly no audio we decode."""

import errno
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from attune.files import opened
from attune.waveform.decoding.faults import AudioError, conversion

Source = Path | BinaryIO

_LARGEST_STREAM = 1 << 30  # bytes taken from what cannot be read twice
_FOREIGN = (
    (4, b"ftyp", "MPEG-4 (m4a, mp4, mov)"),
    (0, b"\x1a\x45\xdf\xa3", "Matroska or WebM"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media (wma, asf)"),
    (0, b"#!AMR", "AMR"),
    (0, b"ADIF", "AAC"),
    (0, b"\xff\xf1", "AAC"),
    (0, b"\xff\xf9", "AAC"),
)


def name(source: Source) -> str:
    """What messages call it."""
    return str(source) if isinstance(source, Path) else str(getattr(source, "name", "the audio given"))


@contextmanager
def seekable(source: Source) -> Iterator[BinaryIO]:
    """The source as a file that can be read from any place; a stream that cannot is read to its end first.

    Raises:
        AudioError: `missing`, `unreadable` (permissions, a folder), `too-long` (a stream beyond one GiB).
    """
    if not isinstance(source, Path):
        yield source if source.seekable() else _kept(source, name(source))
        return
    with _open(source) as file:
        yield file


@contextmanager
def kept_if_read_once(source: Source) -> Iterator[Source]:
    """The source, to be opened as often as one likes: what can be read only once is read into memory."""
    if isinstance(source, Path):
        yield source
        return
    with seekable(source) as file:
        yield file


def check_decodable(file: BinaryIO, source: str) -> None:
    """Name the formats that libsndfile does not know, with the way out.

    Raises:
        AudioError: `empty` (no bytes), `unreadable` (a format of that kind).
    """
    file.seek(0)
    head = file.read(16)
    if not head:
        raise AudioError("empty", "is empty: it has no bytes", where=source)
    for place, magic, kind in _FOREIGN:
        if head[place:].startswith(magic):
            what = f"is {kind}, which is not decoded here"
            raise AudioError("unreadable", what, where=source, remedy=conversion(source, "-vn"))


def _open(path: Path) -> BinaryIO:
    try:
        return opened(path)
    except (FileNotFoundError, NotADirectoryError):
        raise AudioError("missing", "no such audio file", where=path) from None
    except ValueError:  # a character that no path can have
        raise AudioError("missing", "is not a path", where=repr(str(path))) from None
    except OSError as error:
        what = f"is {error.strerror}" if error.errno == errno.EINVAL else f"cannot be opened ({error.strerror})"
        raise AudioError("unreadable", what, where=path) from None


def _kept(stream: BinaryIO, source: str) -> BinaryIO:
    kept = io.BytesIO()
    while block := stream.read(1 << 20):
        if kept.tell() + len(block) > _LARGEST_STREAM:
            raise AudioError("too-long", "is longer than 1 GiB, the most that is accepted from a stream", where=source)
        kept.write(block)
    return kept
