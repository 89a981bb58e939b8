"""Where a corpus lies: the root a user names, what identifies what is there, and where its audio is."""

from pathlib import Path

from attune import leftovers, storage
from attune.corpus.contract import read_about
from attune.errors import AttuneError

_REMEDY = "Set corpus.root to the folder that the corpus is in."


def named_root(text: str | Path) -> Path:
    """The root as a user writes it: ``~`` and ``~name`` stand for a home folder, everything else for itself.

    Raises:
        AttuneError: a home folder nobody knows, an empty path, or one with a character that no path can contain.
    """
    if not str(text).strip() or "\0" in str(text):
        raise AttuneError("is not a path", where="corpus.root", remedy=_REMEDY)
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise AttuneError("names a home folder that cannot be found", where=text, remedy=_REMEDY) from None


def identity(root: Path) -> str:
    """What changes when a file below the root does: a digest of names, sizes and times; no file is read.

    Raises:
        AttuneError: no such folder, or nothing in it.
    """
    if not root.is_dir():
        what = "is a file where the corpus' folder was expected" if root.exists() else "no such folder"
        raise AttuneError(what, where=root, remedy=_REMEDY)
    if next(leftovers.files(root), None) is None:
        raise AttuneError("is empty", where=root, remedy=_REMEDY)
    return storage.version(str(root))


def audio_root(corpus: Path, root: Path) -> Path:
    """The folder that the ``audio`` paths of utterances.parquet start from.

    Args:
        corpus: the folder written by `attune corpus`.
        root: ``corpus.root`` of params.yaml.

    Raises:
        AttuneError: there is no such folder, or nothing says where it is.
    """
    about = read_about(corpus)
    folder = (corpus if about.audio == "made" else root) / about.audio_folder
    if not folder.is_dir():
        raise AttuneError("no such folder", where=folder, remedy="The corpus was read from there; check corpus.root.")
    return folder
