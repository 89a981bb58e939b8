"""A recording decoded once into a file, for many parts of it: most formats are only read from their beginning."""

import os
import tempfile
import weakref
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

import numpy as np

from attune.waveform.decoding.stream import Block, Stream


class Unpacked:
    """The samples of a stream, in a file that does not survive the process.

    Args:
        stream: read to its end, or to a block that ends after `last`.
        name: for messages.
        first: the first sample that is needed.
        last: the last sample that is needed; None for all.
        beside: the file is on the same disk as this path.

    Raises:
        AudioError: as while blocks are read.
        OSError: the disk is full.
    """

    def __init__(self, stream: Stream, name: str, first: float, last: float | None, beside: Path) -> None:
        self.name, self._rate, self._channels = name, stream.rate, stream.channels
        beside.parent.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=beside.parent)  # noqa: SIM115 - open as long as parts are read
        weakref.finalize(self, _close, self._file)
        self._begins, self._is_whole, place = list[int](), True, 0
        for block in stream.blocks:
            if place + len(block) > first:
                self._begins.append(place)
                self._file.write(np.ascontiguousarray(block).data)
            place += len(block)
            if last is not None and place > last:
                self._is_whole = False
                break
        self._begins.append(place)
        self._file.flush()
        self._notes = list(stream.notes)

    def stream(self) -> Stream:
        """Return its samples in the blocks that were read, so that they are processed the same way."""
        notes: list[str] = []
        found = Stream(self._rate, self._channels, iter(()), notes=notes)
        first = 0

        def skip(sample: int) -> int:
            nonlocal first
            first = max(bisect_right(self._begins, sample) - 1, 0)
            return self._begins[first]

        def blocks() -> Iterator[Block]:
            for begin, end in zip(self._begins[first:], self._begins[first + 1 :], strict=False):
                yield self._block(begin, end)
            if self._is_whole:
                notes.extend(self._notes)

        found.blocks, found.skip = blocks(), skip
        return found

    def _block(self, begin: int, end: int) -> Block:
        each = 4 * self._channels
        content = os.pread(self._file.fileno(), (end - begin) * each, (begin - self._begins[0]) * each)
        return np.frombuffer(content, np.float32).reshape(-1, self._channels)


def _close(file: IO[bytes]) -> None:
    with suppress(OSError):  # what a full disk did not take is tried once more, and is not needed
        file.close()
