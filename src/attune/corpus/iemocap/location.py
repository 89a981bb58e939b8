"""Where the Session folders are, under the root a user names."""

from pathlib import Path

from attune.errors import AttuneError

RELEASE = "IEMOCAP_full_release"
_LAYOUT = f"It should be {RELEASE}, which holds Session1 ... Session5, or the folder above it; set corpus.root."


def session_folders(release: Path) -> list[Path]:
    """The folders ``Session1`` ... in `release`, sorted."""
    return sorted(path for path in release.glob("Session[0-9]*") if path.is_dir())


def find_release(root: Path) -> Path:
    """The folder that holds the Session folders: `root`, or ``IEMOCAP_full_release`` in it.

    Raises:
        AttuneError: `root` is missing, is a file, is empty or holds something else.
    """
    if not root.exists():
        raise AttuneError("no such folder", where=root, remedy=_LAYOUT)
    if not root.is_dir():
        raise AttuneError("is a file where the corpus folder was expected", where=root, remedy=_LAYOUT)
    for folder in (root, root / RELEASE):
        if session_folders(folder):
            return folder
    raise AttuneError(f"holds no Session folders; it {_found(root)}", where=root, remedy=_LAYOUT)


def _found(root: Path) -> str:
    names = sorted(path.name for path in root.iterdir())
    if not names:
        return "is empty"
    return "holds " + ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
