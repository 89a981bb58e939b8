"""Computation of features part by part, so that an interrupted run resumes; existing parts are kept."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path

from attune.errors import AttuneError
from attune.features import packed
from attune.features.kinds import Kind
from attune.features.packed import About
from attune.waveform.store import Store

PART = 64
"""Utterances in a part: at most this many are recomputed after an interruption."""

Tracked = Callable[[Sequence[str], str], Iterable[str]]


def about(kind: Kind, store: Store) -> About:
    """Return the description of the features that a store's utterances will have."""
    columns = store.index[["samples", "sum", "sum_squares", "crc32"]]
    facts = [kind.name, kind.identity, list(store.index.index), columns.to_numpy().tolist()]
    identity = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
    return About(kind.name, identity, kind.shape, kind.type, len(store.index))


def compute(kind: Kind, store: Store, own: About, folder: Path, tracked: Tracked) -> None:
    """Compute the parts of a kind's features that are missing in `folder`, then mark it complete with about.json."""
    folder.mkdir(parents=True, exist_ok=True)
    names = list(store.index.index)
    done = {number for number in packed.parts(folder) if packed.is_whole(folder, number)}
    numbers = [n for n in range(-(-len(names) // PART)) if n not in done]
    wanted = iter(
        tracked([name for n in numbers for name in names[n * PART : (n + 1) * PART]], f"{kind.name} features")
    )
    for number in numbers:
        size = len(names[number * PART : (number + 1) * PART])
        packed.write_part(folder, number, own, ((name, kind.compute(store[name])) for name in islice(wanted, size)))
    packed.write_about(folder, own)


def link(source: Path, folder: Path) -> None:
    """Link the files of `source` into a new folder; copy them where the file system cannot link."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.iterdir()):
        if path.is_dir():
            link(path, folder / path.name)
            continue
        try:
            os.link(path.resolve(), folder / path.name)
        except OSError:
            shutil.copyfile(path, folder / path.name)


def kept(folder: Path, wanted: About) -> bool:
    """Return whether a folder contains exactly these features, complete."""
    try:
        return packed.Packed(folder).about == wanted
    except AttuneError:
        return False
