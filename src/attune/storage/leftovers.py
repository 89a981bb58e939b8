"""Files in copies of a corpus that are never read: leftovers of operating systems, editors and users, and videos."""

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

_FILES = ("thumbs.db", "desktop.ini", "*~", "*.swp", "*.orig", "*.rej", "*.avi", "*.mov", "*.mkv", "*.wmv", "*.mp4")
_FOLDERS = ("__pycache__", "__macosx", "mocap_*", "forcedalignment")


def is_leftover(path: str) -> bool:
    """Whether to ignore a file with this path relative to the folder that is searched.

    >>> [is_leftover(path) for path in ("a/b.wav", "a/.DS_Store", "dialog/avi/DivX/a.avi", "MOCAP_head/a.txt")]
    [False, True, True, True]
    """
    *folders, name = path.lower().split("/")
    return _matches(name, _FILES) or any(_matches(folder, _FOLDERS) for folder in folders)


def files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the files below a folder that are not ignored, by relative path; follow links, but enter a folder once."""
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
    except OSError:  # a broken link
        return None
