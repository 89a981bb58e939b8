"""Arrays that together are larger than memory should be, by name, in a file that no kill leaves behind."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike, NDArray


class Scratch(Mapping[str, NDArray[np.floating]]):
    """Tables of numbers by name, each ``(series, values)``: written once, read from disk when they are asked for."""

    def __init__(self, beside: Path, dtype: DTypeLike) -> None:
        """Open a nameless file.

        Args:
            beside: it is on the same disk as this path, whose folder is made where it is missing.
        """
        beside.parent.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=beside.parent)  # noqa: SIM115 - as long as the arrays are asked for
        self._dtype, self._end = np.dtype(dtype), 0
        self._places: dict[str, tuple[int, int, int]] = {}

    def put(self, name: str, values: NDArray[np.floating]) -> None:
        """Keep an array ``(series, values)`` under a name.

        Raises:
            OSError: the disk is full.
        """
        content = np.ascontiguousarray(values, dtype=self._dtype)
        self._file.write(content.data)
        self._places[name] = (self._end, *content.shape)
        self._end += content.nbytes

    def __getitem__(self, name: str) -> NDArray[np.floating]:
        offset, rows, columns = self._places[name]
        self._file.flush()
        content = os.pread(self._file.fileno(), rows * columns * self._dtype.itemsize, offset)
        return np.frombuffer(content, self._dtype).reshape(rows, columns)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
