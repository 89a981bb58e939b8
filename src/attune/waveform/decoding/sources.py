"""Sources of audio: a file by its path, a stream, standard input; and detection of formats that are not decoded."""

import errno
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from attune.storage.files import opened
from attune.waveform.decoding.faults import AudioError, conversion
from attune.waveform.decoding.unpacked import Unpacked

Source = Path | BinaryIO | Unpacked

_LARGEST_STREAM = 1 << 30  # bytes accepted from a stream that is not seekable
_FOREIGN = (
    (4, b"ftyp", "MPEG-4 (m4a, mp4, mov)"),
    (0, b"\x1a\x45\xdf\xa3", "Matroska or WebM"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media (wma, asf)"),
    (0, b"#!AMR", "AMR"),
    (0, b"ADIF", "AAC"),
    (0, b"\xff\xf1", "AAC"),
    (0, b"\xff\xf9", "AAC"),
)


class InMemory(io.BytesIO):
    """A file that was read into memory.

    Args:
        content: all of it; shared, not copied.
        name: for messages.
    """

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.content, self.name = content, name


def name(source: Source) -> str:
    """Return the source's name in messages."""
    return str(source) if isinstance(source, Path) else str(getattr(source, "name", "the audio given"))


@contextmanager
def seekable(source: Path | BinaryIO) -> Iterator[BinaryIO]:
    """Yield the source as a seekable file; a stream that is not seekable is read into memory first.

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
    """Yield the source in a form that can be opened repeatedly; one that can be read only once is read into memory."""
    if isinstance(source, Path | Unpacked):
        yield source
        return
    with seekable(source) as file:
        yield file


def check_decodable(file: BinaryIO, source: str) -> None:
    """Raise for formats that libsndfile does not know, with a remedy.

    Raises:
        AudioError: `empty` (no bytes), `unreadable` (such a format).
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
    except ValueError:  # a character that no path can contain
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
