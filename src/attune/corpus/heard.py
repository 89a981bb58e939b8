"""What the recordings of a corpus were when it was read: later steps depend on that, and refuse another sound."""

import hashlib
import io
import os
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from attune.artifacts.utterances import RECORDINGS
from attune.corpus.contract import read_about
from attune.errors import AttuneError
from attune.files import opened
from attune.waveform.decoding.sources import Source

_SMALL = 16 << 20
"""Bytes that are read at once."""


def digests(root: Path, recordings: Iterable[str]) -> pd.DataFrame:
    """Rows of recordings.parquet; one that cannot be read has none, and validation says why.

    Args:
        root: what their paths start from.
        recordings: paths, each once.
    """
    rows = [(audio, *found) for audio in recordings if (found := _digest(root / audio))]
    return pd.DataFrame(rows, columns=list(RECORDINGS.columns)).astype({"bytes": "int64"})


class Heard:
    """The recordings of a corpus as they were.

    Args:
        corpus: the folder written by `attune corpus`.
        root: what their paths start from.

    Raises:
        AttuneError: the corpus was not made on the spot, and has no list of recordings.
    """

    def __init__(self, corpus: Path, root: Path) -> None:
        self._root, self._seen = root, set[str]()
        is_found = read_about(corpus).audio == "found"
        self._digests = RECORDINGS.read(corpus).set_index("audio")["sha256"].to_dict() if is_found else None

    def checked(self, audio: str) -> Source:
        """A recording to decode, compared when it is asked for first; a small one as the very bytes that were compared.

        Raises:
            AttuneError: it is another one now.
        """
        path = self._root / audio
        if self._digests is None or audio in self._seen:
            return path
        self._seen.add(audio)
        if kept := _Kept.of(path):
            self._compare(audio, kept.digest)
            return kept
        if found := _digest(path):
            self._compare(audio, found[1])
        return path

    def _compare(self, audio: str, digest: str) -> None:
        if self._digests is not None and digest != self._digests.get(audio):
            raise AttuneError(
                "is not the recording that `attune corpus` found",
                where=self._root / audio,
                remedy="Run `dvc repro`, or `attune corpus` and `attune validate`, again.",
            )


class _Kept(io.BytesIO):
    """A small file in memory, under its name."""

    name: str
    digest: str
    """SHA-256."""

    @classmethod
    def of(cls, path: Path) -> "_Kept | None":
        """None for a large one, or one that cannot be read: whoever opens it says why."""
        try:
            with opened(path) as file:
                if os.fstat(file.fileno()).st_size > _SMALL:
                    return None
                content = file.read()
        except OSError:
            return None
        kept = cls(content)  # shares the bytes as long as nobody writes
        kept.name, kept.digest = str(path), hashlib.sha256(content).hexdigest()
        return kept


def _digest(path: Path) -> tuple[int, str] | None:
    try:
        with opened(path) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return file.tell(), digest
    except OSError:
        return None
