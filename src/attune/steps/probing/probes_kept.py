"""Slow tables, kept until a step ends: an interrupted step resumes after the last complete table."""

import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import torch

import attune.attention
import attune.model
from attune.storage.files import whole_file
from attune.training import shared
from attune.training.fingerprint import code

_DIGEST = hashlib.sha256().digest_size


class Kept:
    """A folder with a file for each table: a SHA-256 digest, then parquet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def table(self, name: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """Return the named table, which is made if it is missing or incomplete.

        Raises:
            OSError: the disk is full.
        """
        path = self._folder / f"{name}.table"
        content = _content(path)
        if content is None:
            buffer = io.BytesIO()
            make().to_parquet(buffer, index=False)
            content = buffer.getvalue()
            with whole_file(path) as temporary:
                temporary.write_bytes(hashlib.sha256(content).digest() + content)
        return pd.read_parquet(io.BytesIO(content))


@contextmanager
def keeping(checkpoints: Path, facts: Mapping[str, object]) -> Iterator[Kept]:
    """Keep the tables of one analysis and remove them when it succeeds; those of another one are never used.

    Args:
        facts: everything that the tables depend on besides code and libraries, serialisable as JSON.
    """
    about = {
        "facts": facts,
        "code": code(attune.attention, attune.model),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
    }
    identity = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
    folder = checkpoints / "attention" / identity[:16]
    used = shared.enter(folder)
    try:
        yield Kept(folder)
    except BaseException:
        used.close()
        raise
    shared.leave(folder, used)


def _content(path: Path) -> bytes | None:
    """Return the content of a table's file; None if it is missing or incomplete."""
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        return None
    digest, content = found[:_DIGEST], found[_DIGEST:]
    return content if hashlib.sha256(content).digest() == digest else None
