"""Open users' files for reading, and write atomically: to a temporary file beside the target, synced, then renamed.

The writer keeps a lock on its temporary file, so that the next one to write the same path can distinguish leftovers of
a killed process, which it removes, from what another process is still writing.
"""

import errno
import fcntl
import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from secrets import token_hex
from typing import IO

from attune.errors import AttuneError
from attune.visible import on_a_line


def opened(path: Path) -> BufferedReader:
    """Open a user's file for reading; refuse a pipe or device, which might block.

    Raises:
        OSError: with the reason as its `strerror`.
    """
    kind = path.stat().st_mode
    if name := next((name for name, test in _OTHERS.items() if test(kind)), None):
        raise OSError(errno.EINVAL, f"{name}, not a file", str(path))
    return path.open("rb")


_OTHERS: dict[str, Callable[[int], bool]] = {
    "a folder": stat.S_ISDIR,
    "a pipe": stat.S_ISFIFO,
    "a socket": stat.S_ISSOCK,
    "a device": lambda mode: stat.S_ISCHR(mode) or stat.S_ISBLK(mode),
}


def mode(path: Path) -> int | None:
    """Return `st_mode` of what is at `path`, or None: from one look, since another process may then replace it."""
    try:
        return path.stat().st_mode
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            raise
        return None


@contextmanager
def whole_file(path: Path, *, first_stays: bool = False) -> Iterator[Path]:
    """Yield a temporary path; on success it becomes `path`, on any error it is removed.

    If several processes write the same path at once, the last one's file stays; with `first_stays`, the first one's.
    """
    with _beside(path, folder=False) as temporary:
        yield temporary
        _sync(temporary)
        if first_stays:
            _link(temporary, path)
        else:
            temporary.replace(path)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield an empty temporary folder; on success it becomes `path`, replacing a folder that was there.

    Raises:
        AttuneError: `path` is a file, which stays.
    """
    if (kind := mode(path)) is not None and not stat.S_ISDIR(kind):
        raise AttuneError("is a file, not a folder", where=path, remedy="Move it away, or name another folder.")
    with _beside(path, folder=True) as temporary:
        yield temporary
        if not _moved(temporary, path):
            _swap(temporary, path)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder, which is made if it is missing, and wait while another process holds it.

    On a file system without locks nobody waits.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder, os.O_RDONLY)
    try:
        if try_lock(lock) is False:
            print(f"waiting for another process, which uses {on_a_line(folder)}", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


@contextmanager
def _beside(path: Path, *, folder: bool) -> Iterator[Path]:
    """Yield a temporary file or folder beside `path`, locked while it is written and removed afterwards."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    temporary, lock = _made(path, folder=folder)
    try:
        yield temporary
    except OSError as error:
        if error.errno in FULL and error.filename is None and shutil.disk_usage(path.parent).free < _LITTLE:
            error.filename = str(path)  # the kernel does not report which disk is full
        raise
    finally:
        os.close(lock)
        _remove(temporary)


FULL = (errno.ENOSPC, errno.EDQUOT)
"""Error numbers for a full disk."""

_LITTLE = 1 << 20  # bytes; temporary folders may be on another disk


def _made(path: Path, *, folder: bool) -> tuple[Path, int]:
    """Make a file or folder with the permissions that the umask leaves; tempfile's are its owner's alone."""
    while True:
        made = path.with_name(f".{path.name}.{token_hex(4)}{'' if folder else path.suffix}")
        if folder:
            made.mkdir()
            try:
                lock = os.open(made, os.O_RDONLY)
            except FileNotFoundError:  # another process just took it for a leftover
                continue
        else:
            lock = os.open(made, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
        if try_lock(lock) is not False and made.exists():  # likewise
            return made, lock
        os.close(lock)


def _sweep(path: Path) -> None:
    """Remove leftovers of processes that were killed while writing `path`."""
    random = "[a-z0-9_]{8}"
    left = re.compile(rf"\.{re.escape(path.name)}\.(old\.{random}|{random}({re.escape(path.suffix)})?)")
    with os.scandir(path.parent) as entries:
        found = [Path(entry.path) for entry in entries if left.fullmatch(entry.name) and not entry.is_symlink()]
    for leftover in found:
        with suppress(OSError):  # another process removed it, or it is not ours: carry on writing
            lock = os.open(leftover, os.O_RDONLY)
            try:
                if try_lock(lock):
                    _remove(leftover)
            finally:
                os.close(lock)


def try_lock(file: int | IO[bytes], kind: int = fcntl.LOCK_EX) -> bool | None:
    """Return whether the lock was free, and is now held; None on a file system without locks."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _link(new: Path, path: Path) -> None:
    try:
        path.hardlink_to(new)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links, where two concurrent writers could still replace each other
        if not path.exists():
            new.replace(path)


def _swap(new: Path, path: Path) -> None:
    """Move what is at `path` away and `new` there, as often as another process moves its own there in between."""
    old, lock = _made(path.with_name(f"{path.name}.old"), folder=True)
    try:
        while not _moved(new, path):
            with suppress(FileNotFoundError):  # another process moved it away
                path.replace(Path(tempfile.mkdtemp(dir=old)) / path.name)
    finally:
        os.close(lock)
    _remove(old)


def _moved(new: Path, path: Path) -> bool:
    """Move a folder to `path`, unless something is there."""
    try:
        new.replace(path)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise
        return False
    return True


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def check_folder_of(out: Path) -> None:
    """Refuse an output file whose folder does not exist, before anything is computed: its name may be mistyped.

    Raises:
        AttuneError: there is no such folder.
    """
    if not out.parent.is_dir():
        raise AttuneError("no such folder", where=out.parent, remedy="Create it, or check the spelling of --out.")
