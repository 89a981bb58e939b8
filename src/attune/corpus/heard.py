"""What the recordings of a corpus were when it was read: later steps depend on that, and refuse another sound."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from attune.artifacts.utterances import RECORDINGS
from attune.corpus.contract import read_about
from attune.errors import AttuneError
from attune.files import opened


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

    def check(self, audio: str) -> None:
        """Read a recording once, and compare.

        Raises:
            AttuneError: it is another one now.
        """
        if self._digests is None or audio in self._seen:
            return
        self._seen.add(audio)
        if (found := _digest(self._root / audio)) and found[1] != self._digests.get(audio):
            raise AttuneError(
                "is not the recording that `attune corpus` found",
                where=self._root / audio,
                remedy="Run `dvc repro`, or `attune corpus` and `attune validate`, again.",
            )


def _digest(path: Path) -> tuple[int, str] | None:
    try:
        with opened(path) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return file.tell(), digest
    except OSError:
        return None
