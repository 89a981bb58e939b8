"""A folder of checkpoints that several processes training the same thing may use at once."""

import fcntl
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TextIO


def enter(folder: Path) -> TextIO:
    """Keep others from removing the folder until this is closed, handed to `leave`, or the process is gone."""
    path = folder.with_name(f".{folder.name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        lock = path.open("a")
        with suppress(OSError):  # a file system without locks
            fcntl.flock(lock, fcntl.LOCK_SH)
        with suppress(FileNotFoundError):
            if os.path.samestat(path.stat(), os.fstat(lock.fileno())):
                return lock
        lock.close()  # the last one who used the folder removed it, and it says nothing any more


def leave(folder: Path, lock: TextIO) -> None:
    """Remove the folder, unless somebody else trains from it: then that one will."""
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        except OSError:  # a file system without locks: nobody can be asked
            pass
        shutil.rmtree(folder, ignore_errors=True)
        Path(lock.name).unlink(missing_ok=True)
