"""What lies in copies of a corpus and is never read: what systems, editors and people leave behind, and videos."""

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

_FILES = ("thumbs.db", "desktop.ini", "*~", "*.swp", "*.orig", "*.rej", "*.avi", "*.mov", "*.mkv", "*.wmv", "*.mp4")
_FOLDERS = ("__pycache__", "__macosx", "mocap_*", "forcedalignment")


def is_leftover(path: str) -> bool:
    """Whether a file of that path, below the folder it is found in, counts for nothing.

    >>> [is_leftover(path) for path in ("a/b.wav", "a/.DS_Store", "dialog/avi/DivX/a.avi", "MOCAP_head/a.txt")]
    [False, True, True, True]
    """
    *folders, name = path.lower().split("/")
    return _matches(name, _FILES) or any(_matches(folder, _FOLDERS) for folder in folders)


def files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """The files below a folder that count, by their paths in it; linked folders too, each entered once."""
    entered = {_identity(folder)}
    for here, folders, names in os.walk(folder, followlinks=True):
        below = os.path.relpath(here, folder)
        folders[:] = [name for name in sorted(folders) if not _matches(name.lower(), _FOLDERS)]
        folders[:] = [name for name in folders if _is_new(Path(here, name), entered)]
        for name in names:
            path = name if below == "." else f"{below}/{name}"
            if not is_leftover(path) and (status := _status(Path(here, name))):
                yield path, status


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return name.startswith(".") or any(fnmatchcase(name, pattern) for pattern in patterns)


def _is_new(folder: Path, entered: set[tuple[int, int]]) -> bool:
    identity = _identity(folder)
    is_new = identity not in entered
    entered.add(identity)
    return is_new


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:  # a link that leads nowhere
        return None
