"""Named arrays that are too large for memory together, in a file that does not survive the process, even if killed."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike, NDArray


class Scratch(Mapping[str, NDArray[np.floating]]):
    """Arrays by name, each ``(series, values)``: written once, read from disk on demand."""

    def __init__(self, beside: Path, dtype: DTypeLike) -> None:
        """Open an unnamed file.

        Args:
            beside: the file is on the same disk as this path, whose folder is created if missing.
        """
        beside.parent.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=beside.parent)  # noqa: SIM115 - open as long as the arrays are in use
        self._folder = beside.parent
        self._dtype, self._end = np.dtype(dtype), 0
        self._places: dict[str, tuple[int, int, int]] = {}

    def put(self, name: str, values: NDArray[np.floating]) -> None:
        """Store an array ``(series, values)`` under a name.

        Raises:
            OSError: the disk is full; it names the folder.
        """
        content = np.ascontiguousarray(values, dtype=self._dtype)
        with self._named():
            self._file.write(content.data)
        self._places[name] = (self._end, *content.shape)
        self._end += content.nbytes

    def __getitem__(self, name: str) -> NDArray[np.floating]:
        offset, rows, columns = self._places[name]
        with self._named():
            self._file.flush()
        content = os.pread(self._file.fileno(), rows * columns * self._dtype.itemsize, offset)
        return np.frombuffer(content, self._dtype).reshape(rows, columns)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            error.filename = str(self._folder)
            raise
