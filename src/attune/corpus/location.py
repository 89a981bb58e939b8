"""Where the Session folders are: in the corpus step's own output, or under the root a user names."""

from pathlib import Path

from attune.errors import AttuneError

RELEASE = "IEMOCAP_full_release"
_LAYOUT = f"It should be {RELEASE}, which holds Session1 ... Session5, or the folder above it; set corpus.root."


def named_root(text: str | Path) -> Path:
    """The root as a user writes it: ``~`` and ``~name`` stand for a home folder, everything else for itself.

    Raises:
        AttuneError: a home folder nobody knows, an empty path, or one with a character that no path can contain.
    """
    if not str(text) or "\0" in str(text):
        raise AttuneError("is not a path", where="corpus.root", remedy=_LAYOUT)
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise AttuneError("names a home folder that cannot be found", where=text, remedy=_LAYOUT) from None


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


def audio_root(corpus: Path, root: Path) -> Path:
    """The folder that the ``audio`` paths of utterances.parquet start from.

    Args:
        corpus: the folder written by `attune corpus`; a synthetic corpus has its audio in it.
        root: ``corpus.root`` of params.yaml, where a real corpus lies.

    Raises:
        AttuneError: neither holds Session folders.
    """
    made = corpus / RELEASE
    return made if made.is_dir() else find_release(root)


def _found(root: Path) -> str:
    names = sorted(path.name for path in root.iterdir())
    if not names:
        return "is empty"
    return "holds " + ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
