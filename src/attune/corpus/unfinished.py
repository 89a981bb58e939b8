"""Unfinished work of an interrupted process, kept so that the next run can resume from it."""

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attune.errors import AttuneError
from attune.parallel.processes import KilledError

_ID = "made-of"


@contextmanager
def folder(path: Path, identity: str) -> Iterator[Path]:
    """Yield a folder at `path` that, with its contents, outlives any failure not caused by the code that fills it.

    Contents left there are kept if they were made for the same `identity`, and removed otherwise.
    A process that finds another one working there uses a temporary folder of its own.

    Args:
        identity: what everything in the folder depends on.

    Raises:
        AttuneError: Ctrl-C, a full or failing disk, too little memory; the message says that the next run resumes.
    """
    lock, mine = _entered(path)
    try:
        if not mine:
            with tempfile.TemporaryDirectory(prefix=f"{path.name}.", dir=path.parent) as own:
                yield Path(own)
            return
        _begin(path, identity)
        try:
            yield path
        except (KeyboardInterrupt, OSError, MemoryError, KilledError) as error:
            remedy = f"What was made is kept in {path}; the same command resumes from there."
            raise AttuneError(_said(error), where=path.parent, remedy=remedy) from None
        except Exception:  # an error in the code that fills it, which would recur: keep nothing
            shutil.rmtree(path, ignore_errors=True)
            raise
        shutil.rmtree(path)
    finally:
        os.close(lock)


def _entered(path: Path) -> tuple[int, bool]:
    """Open a folder, made if it is missing, and return whether it could be locked for this process."""
    while True:
        path.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # its last user has removed it since
            lock = os.open(path, os.O_RDONLY)
            mine = _locked(lock)
            if not mine or _is_at(path, lock):
                return lock, mine
            os.close(lock)  # its last user has removed it, so that it no longer locks anything


def _is_at(path: Path, lock: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(lock))
    except FileNotFoundError:
        return False


def _said(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted (Ctrl-C)"
    if isinstance(error, OSError):
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        return "the disk is full" if full else f"cannot be written to ({error.strerror or error})"
    return "the memory of this machine, or of this container, is too small for so many processes"


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
