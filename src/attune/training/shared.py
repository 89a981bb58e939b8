"""A folder of checkpoints that several processes training the same thing may use at the same time."""

import fcntl
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TextIO


def enter(folder: Path) -> TextIO:
    """Keep others from removing the folder until the lock is closed, passed to `leave`, or the process ends."""
    path = folder.with_name(f".{folder.name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        lock = path.open("a")
        with suppress(OSError):  # a file system without locks
            fcntl.flock(lock, fcntl.LOCK_SH)
        with suppress(FileNotFoundError):
            if os.path.samestat(path.stat(), os.fstat(lock.fileno())):
                return lock
        lock.close()  # the folder's last user removed this file, so that it no longer locks anything


def leave(folder: Path, lock: TextIO) -> None:
    """Remove the folder, unless another process is training from it, which will then remove it."""
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        except OSError:  # a file system without locks: other users cannot be detected
            pass
        shutil.rmtree(folder, ignore_errors=True)
        Path(lock.name).unlink(missing_ok=True)
