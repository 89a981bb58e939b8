"""A part of a binary file as a file of its own, to show libsndfile just what it should read."""

import io
import os
from typing import BinaryIO


class Window(io.RawIOBase):
    """The bytes `start` to `end` of a seekable file, some of them replaced by as many others.

    Args:
        patch: an offset in the window, and the bytes that are read there instead.
    """

    def __init__(self, file: "BinaryIO | Window", start: int, end: int, patch: tuple[int, bytes] = (0, b"")) -> None:
        self._file, self._start, self._length, self._patch = file, start, max(end - start, 0), patch
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._length}[whence]
        self._place = max(base + offset, 0)  # a damaged header may send libsndfile anywhere
        return self._place

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        wanted = memoryview(buffer)[: max(self._length - self._place, 0)]
        self._file.seek(self._start + self._place)
        content = bytearray(self._file.read(len(wanted)))
        at, new = self._patch[0] - self._place, self._patch[1]
        first, last = max(at, 0), min(at + len(new), len(content))
        if first < last:
            content[first:last] = new[first - at : last - at]
        wanted[: len(content)] = content
        self._place += len(content)
        return len(content)
