"""Verification that a store still contains what was packed: every byte is read from disk, not through a memory map.

With a memory map, a bad sector causes a signal that ends the process; with a read, an error that can be reported.
"""

import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from attune.waveform.store import PLACE_COLUMNS, SAMPLE_BYTES, Store, shard_path


class Damage(NamedTuple):
    """An utterance whose samples differ from those stored."""

    utterance: str
    shard: Path
    why: str


def damaged(store: Store, progress: Callable[[Sequence[str]], Iterable[str]] = lambda names: names) -> list[Damage]:
    """Return damaged utterances in store order; opening the store has already checked its index and shard sizes.

    Args:
        store: an open store.
        progress: wraps the loop over utterances to show its progress.
    """
    places = dict(zip(store.index.index, store.index[PLACE_COLUMNS].itertuples(index=False), strict=True))
    found = []
    for utterance in progress(list(places)):
        shard, offset, samples, crc = places[utterance]
        path = shard_path(store.folder, shard)
        if why := _fault(path, offset * SAMPLE_BYTES, samples * SAMPLE_BYTES, crc):
            found.append(Damage(utterance, path, why))
    return found


def _fault(path: Path, start: int, length: int, crc: int) -> str | None:
    try:
        with path.open("rb") as file:
            file.seek(start)
            content = file.read(length)
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return None if zlib.crc32(content) == crc else "not what was stored"
