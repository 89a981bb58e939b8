"""Computation of features part by part, so that an interrupted run resumes; existing parts are kept."""

import hashlib
import json
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import pandas as pd

from attune.errors import AttuneError
from attune.features import packed
from attune.features.kinds import Kind
from attune.features.packed import About
from attune.parallel import processes
from attune.waveform.store import Store

PART = 64
"""Utterances in a part: at most this many per process are recomputed after an interruption."""
_SECONDS_EACH = 300.0
"""Of audio, which openSMILE takes five to measure."""

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
    parts = [(n, names[n * PART : (n + 1) * PART]) for n in range(-(-len(names) // PART)) if n not in done]
    left = [name for _, part in parts for name in part]
    passing = iter(tracked(left, f"{kind.name} features"))
    wanted = processes.worthwhile(_seconds(store, left), _SECONDS_EACH) if kind.takes_one_core else 1
    write = partial(_write_frames, kind, store, own, folder)
    if wanted == 1:
        for number, part in parts:
            packed.write_index(folder, number, write((number, islice(passing, len(part)))))
    else:
        for (number, part), index in zip(parts, processes.in_order(write, parts, wanted), strict=True):
            packed.write_index(folder, number, index)
            deque(islice(passing, len(part)), maxlen=0)
    packed.write_about(folder, own)


def _write_frames(kind: Kind, store: Store, own: About, folder: Path, part: tuple[int, Iterable[str]]) -> pd.DataFrame:
    number, names = part
    return packed.write_frames(folder, number, own, ((name, kind.compute(store[name])) for name in names))


def _seconds(store: Store, names: Sequence[str]) -> float:
    return sum(map(store.samples, names)) / store.sample_rate


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
