"""Search for the Session folders below the root that a user names: a copy may be nested, and names in any case."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from attune.errors import AttuneError

RELEASE = "IEMOCAP_full_release"
_LAYOUT = f"It should be {RELEASE}, which contains Session1 ... Session5, or the folder above it; set corpus.root."
_SESSION = re.compile(r"session[ _-]?0*(\d+)(.*)", re.IGNORECASE)
_PARTS = {"dialog", "sentences"}
_MACOS = "__MACOSX"
"""The folder of a zip archive from macOS that repeats every other one, with nothing in it but ``._`` files."""
_DEEPEST = 3
_MOST_FOLDERS = 2000


def session_folders(release: Path) -> list[Path]:
    """Return the folders ``Session1`` ... in `release`, sorted by number.

    Raises:
        AttuneError: two folders of one session, or one with a suffix after its number, such as ``Session1_old``.
    """
    found: dict[int, list[Path]] = defaultdict(list)
    for path in _folders(release):
        if number := _number(path):
            found[number].append(path)
    for number, paths in sorted(found.items()):
        if len(paths) > 1:
            raise AttuneError(
                f"{' and '.join(path.name for path in paths)} are both session {number}",
                where=release,
                remedy="Move one of them out of the corpus; attune cannot tell which is right.",
            )
        if (match := _SESSION.fullmatch(paths[0].name)) and match[2].strip():
            raise AttuneError(
                "looks like a session under another name",
                where=paths[0],
                remedy=f"Rename it to Session{number}, or move it out of the corpus.",
            )
    return [found[number][0] for number in sorted(found)]


def find_release(root: Path) -> Path:
    """Return the folder that contains the Session folders: `root`, or the only such one at most three levels below.

    Raises:
        AttuneError: `root` is missing, is a file, is empty, or contains something else or more than one copy.
    """
    if not root.exists():
        raise AttuneError("no such folder", where=root, remedy=_LAYOUT)
    if not root.is_dir():
        raise AttuneError("is a file where the corpus folder was expected", where=root, remedy=_LAYOUT)
    found: dict[Path, Path] = {}
    for path in _releases(root):
        found.setdefault(path.resolve(), path)  # links to one folder are one copy
    releases = list(found.values())
    if len(releases) > 1:
        places = " and ".join(path.relative_to(root).as_posix() for path in releases)
        raise AttuneError(
            f"contains several copies: {places}",
            where=root,
            remedy="Set corpus.root to one with no other inside, or move the others elsewhere.",
        )
    if releases:
        return releases[0]
    above = next((path for path in (root, *root.parents) if _SESSION.fullmatch(path.name)), None)
    if above:
        raise AttuneError("is inside one session", where=root, remedy=f"Set corpus.root to {above.parent}.")
    raise AttuneError(f"contains no Session folders; it {_found(root)}", where=root, remedy=_LAYOUT)


def child(folder: Path, *names: str) -> Path | None:
    """Return the nested folder with those names, in any case, below `folder`; None where there is none.

    Raises:
        AttuneError: two folders differ only in case.
    """
    for name in names:
        same = [path for path in _folders(folder) if path.name.lower() == name.lower()]
        if len(same) > 1:
            raise AttuneError(
                f"{' and '.join(path.name for path in same)} differ only in case",
                where=folder,
                remedy="Merge them, or remove one.",
            )
        if not same:
            return None
        folder = same[0]
    return folder


def files(folder: Path | None, ending: str) -> list[Path]:
    """Return the folder's files with that ending, in any case, sorted; without hidden ones, such as macOS's ``._``."""
    if folder is None:
        return []
    return sorted(
        path for path in folder.iterdir() if path.suffix.lower() == ending and path.name[0] != "." and not path.is_dir()
    )


def _releases(root: Path) -> Iterator[Path]:
    """Yield the folders that contain Session folders, breadth first; sessions themselves are not searched."""
    level = [root]
    left = _MOST_FOLDERS
    for _ in range(_DEEPEST + 1):
        below: list[Path] = []
        for folder in level:
            folders = _looked_into(folder)
            sessions = [path for path in folders if _number(path)]
            if sessions:
                yield folder
            others = [path for path in folders if path not in sessions]
            below += others[:left]
            left -= len(others[:left])
        level = below


def _number(path: Path) -> int | None:
    """Return a session folder's number, else None; a name with a suffix counts only if it has a session's parts."""
    match = _SESSION.fullmatch(path.name)
    if match is None:
        return None
    has_parts = any(part.name.lower() in _PARTS for part in _looked_into(path))
    return int(match[1]) if has_parts or not match[2].strip() else None


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name[0] != "." and path.name != _MACOS and path.is_dir())


def _looked_into(folder: Path) -> list[Path]:
    try:
        return _folders(folder)
    except OSError:  # not permitted, and perhaps not part of the corpus
        return []


def _found(root: Path) -> str:
    names = sorted(path.name for path in root.iterdir())
    if not names:
        return "is empty"
    return "holds " + ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
