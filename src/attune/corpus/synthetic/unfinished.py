"""Recordings that a killed process left unfinished, to go on from."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import scipy

from attune.corpus_settings import Synthetic

_ID = "made-of"


@contextmanager
def folder(path: Path, settings: Synthetic) -> Iterator[Path]:
    """A folder at `path` that outlives a kill or Ctrl-C with what it contains, and nothing else.

    What is left there is gone on from where these settings, this code and these libraries began it; else it is removed.
    A process that finds another one at it works in a folder of its own.
    """
    path.mkdir(parents=True, exist_ok=True)
    lock = os.open(path, os.O_RDONLY)
    try:
        if not _locked(lock):
            with tempfile.TemporaryDirectory(prefix=f"{path.name}.", dir=path.parent) as own:
                yield Path(own)
            return
        _begin(path, _identity(settings))
        try:
            yield path
        except Exception:  # raised again; what an error left is not to be resumed, unlike what a kill left
            shutil.rmtree(path, ignore_errors=True)
            raise
        shutil.rmtree(path)
    finally:
        os.close(lock)


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _begin(path: Path, identity: str) -> None:
    note = path / _ID
    if note.is_file() and note.read_text(encoding="utf-8") == identity:
        return
    for entry in path.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    note.write_text(identity, encoding="utf-8")


def _identity(settings: Synthetic) -> str:
    """What the sound depends on."""
    digest = hashlib.sha256(settings.model_dump_json().encode())
    digest.update(f"{np.__version__} {scipy.__version__}".encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
