"""Digests of a corpus's recordings when it was read, by which later steps refuse a recording that has changed."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from attune.artifacts.utterances import RECORDINGS
from attune.corpus.contract import read_about
from attune.errors import AttuneError
from attune.parallel.threads import in_order
from attune.storage.files import opened
from attune.waveform.decoding.sources import InMemory, Source

AGAIN = "Run `dvc repro`, or `attune corpus` and `attune validate`, again."
_SMALL = 16 << 20
"""Bytes up to which a file is read into memory at once."""


def digests(root: Path, recordings: Iterable[str]) -> pd.DataFrame:
    """Return the rows of recordings.parquet; an unreadable recording has none, and validation reports why.

    Args:
        root: the folder that their paths are relative to.
        recordings: paths, each once.
    """

    def row(audio: str) -> tuple[str, int, str] | None:
        found = _digest(root / audio)
        return (audio, *found) if found else None

    rows = [found for found in in_order(row, recordings) if found]
    return pd.DataFrame(rows, columns=list(RECORDINGS.columns)).astype({"bytes": "int64"})


class Heard:
    """The recordings of a corpus as they were when it was read.

    Args:
        corpus: the folder written by `attune corpus`.
        root: the folder that their paths are relative to.

    Raises:
        AttuneError: the corpus was not synthesised, and has no list of recordings.
    """

    def __init__(self, corpus: Path, root: Path) -> None:
        self._root, self._seen = root, set[str]()
        is_found = read_about(corpus).audio == "found"
        self._digests = RECORDINGS.read(corpus).set_index("audio")["sha256"].to_dict() if is_found else None

    def checked(self, audio: str) -> Source:
        """Return a recording to decode, checked on first request; a small one as the very bytes that were checked.

        Raises:
            AttuneError: it has changed.
        """
        path = self._root / audio
        if self._digests is None or audio in self._seen:
            return path
        self._seen.add(audio)
        if kept := _in_memory(path):
            self._compare(audio, hashlib.sha256(kept.content).hexdigest())
            return kept
        if found := _digest(path):
            self._compare(audio, found[1])
        return path

    def _compare(self, audio: str, digest: str) -> None:
        if self._digests is not None and digest != self._digests.get(audio):
            raise AttuneError(
                "is not the recording that `attune corpus` found",
                where=self._root / audio,
                remedy=AGAIN,
            )


def _in_memory(path: Path) -> InMemory | None:
    """Return None for a large file, or an unreadable one: whoever opens it next reports why."""
    try:
        with opened(path) as file:
            small = os.fstat(file.fileno()).st_size <= _SMALL
            return InMemory(file.read(), str(path)) if small else None
    except OSError:
        return None


def _digest(path: Path) -> tuple[int, str] | None:
    try:
        with opened(path) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return file.tell(), digest
    except OSError:
        return None
