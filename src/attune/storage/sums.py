"""SHA256SUMS: digests of the files in a step's folder, in the format of coreutils (`sha256sum -c SHA256SUMS`)."""

import hashlib
from pathlib import Path

from attune.errors import AttuneError
from attune.storage.files import whole_file

SUMS = "SHA256SUMS"


def enter(path: Path) -> None:
    """Add a file that has just been written to the SHA256SUMS beside it, replacing any entry with its name.

    A damaged SHA256SUMS begins anew. Only one process may enter files of a folder: of two, one would lose its entry.
    """
    try:
        lines = {name: digest for digest, name in _lines(path.parent / SUMS)}
    except (FileNotFoundError, ValueError):
        lines = {}
    lines[path.name] = _digest(path)
    text = "".join(f"{digest}  {name}\n" for name, digest in sorted(lines.items()))
    with whole_file(path.parent / SUMS) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def enter_tree(folder: Path) -> None:
    """Write one SHA256SUMS at the top of a folder that lists every file below it by relative path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / SUMS)
    lines = [f"{_digest(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")


def check_tree(folder: Path, suffix: str) -> None:
    """Check every listed file below a folder against the SHA256SUMS at its top.

    Args:
        suffix: every file with it must be listed.

    Raises:
        AttuneError: a file is missing, does not match or is not listed.
        OSError: a file cannot be read.
    """
    listed = {folder / name: digest for digest, name in _listed(folder / SUMS)}
    for path in {*listed, *folder.rglob(f"*{suffix}")}:
        if not path.is_file():
            raise AttuneError("is missing", where=path)
        if listed.get(path) != _digest(path):
            raise AttuneError(f"is damaged or was edited: it does not match {folder / SUMS}", where=path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check(path: Path) -> None:
    """Check a file against the SHA256SUMS beside it, in constant memory.

    Raises:
        AttuneError: it is not listed, or does not match.
        OSError: it cannot be read.
    """
    _compare(path, _digest(path))


def checked(path: Path) -> bytes:
    """Return the content of a file, checked against the SHA256SUMS beside it.

    Raises:
        AttuneError: it is not listed, or does not match.
        OSError: it cannot be read.
    """
    content = path.read_bytes()
    _compare(path, hashlib.sha256(content).hexdigest())
    return content


def listed(folder: Path) -> list[Path]:
    """Return the files of a folder that its SHA256SUMS lists.

    Raises:
        AttuneError: there is none, or it is damaged.
    """
    return [folder / name for _, name in _listed(folder / SUMS)]


def _compare(path: Path, found: str) -> None:
    listed = [digest for digest, name in _listed(path) if name == path.name]
    if not listed:
        raise AttuneError(f"cannot be checked: the {SUMS} beside it does not list it", where=path)
    if listed != [found]:
        raise AttuneError(f"is damaged or was edited: it does not match the {SUMS} beside it", where=path)


def _listed(path: Path) -> list[tuple[str, str]]:
    try:
        return _lines(path.parent / SUMS)
    except FileNotFoundError:
        raise AttuneError(f"cannot be checked: there is no {SUMS} beside it", where=path) from None
    except ValueError:
        raise AttuneError(f"cannot be checked: the {SUMS} beside it is damaged", where=path) from None


def _lines(path: Path) -> list[tuple[str, str]]:
    if path.exists() and not path.is_file():
        raise ValueError(path)
    pairs = [line.split("  ", 1) for line in path.read_text(encoding="utf-8").splitlines()]
    return [(digest, name) for digest, name in pairs]
