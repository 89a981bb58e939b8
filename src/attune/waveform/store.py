"""The packed store: all waveforms in a few int16 shards with one index, read by memory map.

`shard-0000.i16`, `shard-0001.i16`, ... contain little-endian int16 samples, mono, one utterance after the other.
`index.parquet` contains each utterance's position, the integer sums of its samples and of their squares, so that the
mean and standard deviation of any partition are exact and need no pass over the audio, and a CRC-32 of its samples,
which is checked whenever they are read. The digest of the index is in the SHA256SUMS beside it.
"""

import math
import zlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from attune.artifacts.door import reading
from attune.errors import AttuneError
from attune.signal import FULL_SCALE, Pcm, Waveform
from attune.storage import sums
from attune.waveform.exact import Sums, exact_sums

_ITEM = np.dtype("<i2")
_RATE_KEY = b"attune.sample_rate"
_INDEX = "index.parquet"
_REMEDY = "Run `attune preprocess` again."
SAMPLE_BYTES = _ITEM.itemsize
PLACE_COLUMNS = ["shard", "offset", "samples", "crc32"]
"""Columns of the index: an utterance's position, and the checksum of its samples."""


class _Place(NamedTuple):
    utterance: str
    shard: int
    offset: int
    samples: int
    sum: int
    sum_squares: int
    crc32: int


def pack(
    folder: Path,
    waveforms: Iterable[tuple[str, Pcm] | tuple[str, Pcm, Sums | None]],
    *,
    sample_rate: int,
    shard_seconds: float = 3600.0,
) -> None:
    """Write waveforms, in the given order, as a store into an existing folder.

    A new shard begins where the next utterance would make the current one longer than `shard_seconds`; a longer
    utterance has a shard to itself. Waveforms are consumed one by one and never all in memory.

    Args:
        folder: an empty folder; use `attune.storage.files.whole_folder` to make the store appear as a whole.
        waveforms: utterance, int16 samples of shape (samples,), and their sums where they are known.
        sample_rate: Hz of every waveform.
        shard_seconds: the longest shard, in seconds.

    Raises:
        AttuneError: an utterance without samples, or one given twice.
        OSError: the disk is full.
    """
    places: dict[str, _Place] = {}
    shard, offset = 0, 0
    file = shard_path(folder, shard).open("wb")
    try:
        for utterance, pcm, *known in waveforms:
            if utterance in places:
                raise AttuneError(f"utterance {utterance} is given twice", where=folder)
            if len(pcm) == 0:
                raise AttuneError(f"utterance {utterance} has no samples", where=folder)
            if offset and offset + len(pcm) > shard_seconds * sample_rate:
                file.close()
                shard, offset = shard + 1, 0
                file = shard_path(folder, shard).open("wb")
            samples = np.ascontiguousarray(pcm, _ITEM)
            file.write(samples.data)
            places[utterance] = _place(utterance, shard, offset, samples, known[0] if known else None)
            offset += len(pcm)
    finally:
        file.close()
    _write_index(folder, list(places.values()), sample_rate)


class Store:
    """A store on disk, read by memory map; cheap to open, to pickle and to share between processes.

    Example:
        >>> store = Store(Path("data/store"))
        >>> waveform = store["Ses01F_impro01_M000"]
        >>> waveform.dtype, len(waveform) == store.samples("Ses01F_impro01_M000")
        (dtype('float32'), True)

    Raises:
        AttuneError: a missing or unreadable index, a missing shard, or one whose size does not match the index.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.index, self.sample_rate = _read_index(self.folder)
        self._places = {row.utterance: _Place(*row) for row in self.index.reset_index().itertuples(index=False)}
        _check_shards(self.folder, self.index)
        self._open = cache(self._map)

    def __reduce__(self) -> tuple[type["Store"], tuple[Path]]:
        return Store, (self.folder,)  # maps are reopened on unpickling, not copied

    def __getitem__(self, utterance: str) -> Waveform:
        """The waveform: float32, shape (samples,), in [-1, 1)."""
        return self.pcm(utterance).astype(np.float32) / np.float32(FULL_SCALE)

    def pcm(self, utterance: str) -> Pcm:
        """The waveform as stored: a read-only int16 view of the memory map, shape (samples,).

        Raises:
            AttuneError: an unknown utterance, or samples that differ from those stored.
        """
        place = self._place(utterance)
        found = self._open(place.shard)[place.offset : place.offset + place.samples]
        if zlib.crc32(found.data) != place.crc32:
            raise AttuneError(
                f"is damaged: the samples of {utterance} are not those that were stored",
                where=shard_path(self.folder, place.shard),
                remedy=_REMEDY,
            )
        return found

    def samples(self, utterance: str) -> int:
        """Return the number of samples of an utterance, without reading its audio."""
        return self._place(utterance).samples

    def statistics(self, utterances: Iterable[str]) -> tuple[float, float]:
        """Return mean and standard deviation (over N, not N - 1) of all samples of these utterances, scaled to [-1, 1).

        Raises:
            AttuneError: an unknown utterance, no utterances, or samples that are all equal (zero deviation).
        """
        places = [self._place(utterance) for utterance in utterances]
        if not places:
            raise AttuneError("statistics of no utterance at all were asked for", where=self.folder)
        # Python integers, because a thousand hours of loud audio exceed the range of int64.
        samples, total, squares = (
            sum(column) for column in zip(*((p.samples, p.sum, p.sum_squares) for p in places), strict=True)
        )
        spread = samples * squares - total * total
        if spread == 0:
            raise AttuneError(
                f"all samples of these {len(places)} utterances are equal, so they cannot be standardised",
                where=self.folder,
            )
        return total / samples / FULL_SCALE, math.sqrt(spread / (samples * samples)) / FULL_SCALE

    def _place(self, utterance: str) -> _Place:
        try:
            return self._places[utterance]
        except KeyError:
            raise AttuneError(
                f"no utterance {utterance!r} in the store of {len(self._places)} utterances",
                where=self.folder,
                remedy=_REMEDY,
            ) from None

    def _map(self, shard: int) -> Pcm:
        return np.asarray(np.memmap(shard_path(self.folder, shard), dtype=_ITEM, mode="r"))


def shard_path(folder: Path, number: int) -> Path:
    """Return the path of a shard."""
    return folder / f"shard-{number:04d}.i16"


def _place(utterance: str, shard: int, offset: int, pcm: Pcm, known: Sums | None) -> _Place:
    return _Place(utterance, shard, offset, len(pcm), *(known or exact_sums(pcm)), zlib.crc32(pcm.data))


_SCHEMA = pa.schema(
    [("utterance", pa.string())] + [(name, pa.int64()) for name in _Place._fields if name != "utterance"]
)


def _write_index(folder: Path, places: list[_Place], sample_rate: int) -> None:
    schema = _SCHEMA.with_metadata({_RATE_KEY: str(sample_rate)})
    columns = [[place[column] for place in places] for column in range(len(_Place._fields))]
    table = pa.Table.from_arrays([pa.array(*one) for one in zip(columns, schema.types, strict=True)], schema=schema)
    pq.write_table(table, folder / _INDEX, write_page_checksum=True)
    sums.enter(folder / _INDEX)


def _read_index(folder: Path) -> tuple[pd.DataFrame, int]:
    path = folder / _INDEX
    with reading(path, "preprocess"):
        table = pq.read_table(pa.BufferReader(sums.checked(path)), page_checksum_verification=True)
        rate = (table.schema.metadata or {}).get(_RATE_KEY)
        if rate is None or not table.schema.equals(_SCHEMA):
            raise AttuneError("is not the index of a waveform store")
        if any(column.null_count for column in table.columns):
            raise AttuneError("has empty cells, which the index of a waveform store has not")
        return table.to_pandas().set_index("utterance"), int(rate)


def _check_shards(folder: Path, index: pd.DataFrame) -> None:
    ends = (index["offset"] + index["samples"]).groupby(index["shard"]).max()
    for number, samples in ends.items():
        path = shard_path(folder, int(str(number)))
        if not path.is_file():
            raise AttuneError("this shard of the waveform store is missing", where=path, remedy=_REMEDY)
        size, expected = path.stat().st_size, int(samples) * _ITEM.itemsize
        if size != expected:
            raise AttuneError(
                f"is truncated or damaged: {size} bytes where the index counts {expected}", where=path, remedy=_REMEDY
            )
