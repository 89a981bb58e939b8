"""Where a corpus is: the root that a user names, a digest that identifies its contents, and its audio folder."""

from pathlib import Path

from attune.corpus.contract import read_about
from attune.errors import AttuneError
from attune.storage import addresses, leftovers

_REMEDY = "Set corpus.root to the folder that the corpus is in."


def named_root(text: str | Path) -> Path:
    """Return the root that a user wrote, with ``~`` and ``~name`` expanded to a home folder.

    Raises:
        AttuneError: an unknown home folder, an empty path, or one with a character that no path can contain.
    """
    if not str(text).strip() or "\0" in str(text):
        raise AttuneError("is not a path", where="corpus.root", remedy=_REMEDY)
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise AttuneError("names a home folder that cannot be found", where=text, remedy=_REMEDY) from None


def identity(root: Path) -> str:
    """Return a digest that changes when a file below the root does: of names, sizes and times, without reading files.

    Raises:
        AttuneError: no such folder, or nothing in it.
    """
    if not root.is_dir():
        what = "is a file where the corpus' folder was expected" if root.exists() else "no such folder"
        raise AttuneError(what, where=root, remedy=_REMEDY)
    if next(leftovers.files(root), None) is None:
        raise AttuneError("is empty", where=root, remedy=_REMEDY)
    return addresses.version(str(root))


def audio_root(corpus: Path, root: Path) -> Path:
    """Return the folder that the ``audio`` paths in utterances.parquet are relative to.

    Args:
        corpus: the folder written by `attune corpus`.
        root: ``corpus.root`` of params.yaml.

    Raises:
        AttuneError: there is no such folder, or no metadata that names it.
    """
    about = read_about(corpus)
    folder = (corpus if about.audio == "made" else root) / about.audio_folder
    if not folder.is_dir():
        raise AttuneError("no such folder", where=folder, remedy="The corpus was read from there; check corpus.root.")
    return folder
