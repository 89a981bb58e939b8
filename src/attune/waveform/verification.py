"""Whether a store still contains what was packed: every byte of it is read, from the disk and not through a map.

A memory map answers a bad sector with a signal that ends the process; reading answers with an error that can be told.
"""

import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from attune.waveform.store import PLACE_COLUMNS, SAMPLE_BYTES, Store, shard_path


class Damage(NamedTuple):
    """An utterance whose samples are not those that were stored."""

    utterance: str
    shard: Path
    why: str


def damaged(store: Store, progress: Callable[[Sequence[str]], Iterable[str]] = lambda names: names) -> list[Damage]:
    """What is damaged, in the order of the store; opening the store has checked its index and the shards' sizes.

    Args:
        store: opened.
        progress: shows how far the loop over utterances is.
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
