"""Find the recordings to score: files, folders (recursively), lists of files, standard input; and those skipped."""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from attune.corpus.spelling import Disk
from attune.errors import AttuneError
from attune.serving import lists
from attune.waveform.audio import Span

AUDIO = frozenset(
    (
        ".wav",
        ".wave",
        ".bwf",
        ".rf64",
        ".w64",
        ".flac",
        ".ogg",
        ".oga",
        ".opus",
        ".mp3",
        ".mp2",
        ".aif",
        ".aiff",
        ".aifc",
    )
) | {".au", ".snd", ".caf", ".sph"}
STANDARD_INPUT = Path("-")


class Item(NamedTuple):
    """A recording, or a part of one, with the other columns of its list."""

    path: Path
    start: float | None = None
    """Seconds; None for the beginning."""
    end: float | None = None
    more: dict[str, Any] = {}  # noqa: RUF012 - never changed
    """The list's other columns."""
    is_stream: bool = False
    """Whether it can be read only once: standard input, or a named pipe."""

    @property
    def span(self) -> Span | None:
        """The requested part; None for the whole recording."""
        return None if self.start is None and self.end is None else Span(self.start or 0.0, self.end)

    @property
    def key(self) -> tuple[str, float | None, float | None]:
        """Identifies what is scored once, however often it is listed."""
        return shown(self.path), self.start, self.end


class Passed(NamedTuple):
    """A file or folder that is skipped, and why."""

    path: Path
    why: str


class Found(NamedTuple):
    """The items found, and what was skipped."""

    items: list[Item]
    passed: list[Passed]


def shown(path: Path) -> str:
    """Return a path as valid text for tables and terminals: bytes that are not UTF-8 are written as ``\\xff``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def find(sources: Sequence[Path]) -> Found:
    """Find what `sources` name, in order: files and contents of folders once, entries of lists as often as listed.

    Paths in a list are relative to its folder. A name without a file matches the only file that differs from it in case
    or in the encoding of accents. A file named directly is taken whatever its suffix; ``-`` is standard input.

    Raises:
        AttuneError: a folder without audio, or a list that cannot be read, names no files or lacks a column for them.
    """
    items: list[Item] = []
    passed: list[Passed] = []
    seen: set[Path] = set()
    disk = Disk()
    for source in (disk.found(Path(), str(named)) for named in sources):
        if source.is_dir():
            found = list(_below(source, passed))
            if not found:
                raise AttuneError(
                    f"no audio files below this folder{_told(passed)}",
                    where=shown(source),
                    remedy="Name the folder that has them, or files.",
                )
        elif source.suffix.lower() in lists.SUFFIXES:
            items += [Item(*row) for row in lists.read(source)]
            continue
        elif source.is_file() and (kind := lists.UNREAD.get(source.suffix.lower())):
            passed.append(Passed(source, kind))
            continue
        else:
            found = [source]
        items += [Item(path, is_stream=_is_stream(source)) for path in found if path not in seen]
        seen |= set(found)
    if not items and passed:
        remedy = "Save a list as CSV (UTF-8) with a column `path`, and name that file."
        raise AttuneError(f"is {passed[-1].why}", where=shown(passed[-1].path), remedy=remedy)
    return Found(list(_told_apart(items, passed)), passed)


def _told_apart(items: Sequence[Item], passed: list[Passed]) -> Iterator[Item]:
    """Yield the items except files whose names look the same in a table: `\\xff` as four letters, and as a byte."""
    names: dict[str, Path] = {}
    for item in items:
        if names.setdefault(shown(item.path), item.path) == item.path:
            yield item
        else:
            passed.append(Passed(item.path, "shown under the same name as another file"))


def _told(passed: Sequence[Passed]) -> str:
    return f"; {len(passed)} others are there, such as {shown(passed[0].path)}" if passed else ""


def _below(folder: Path, passed: list[Passed]) -> Iterator[Path]:
    """Yield the audio files in a folder and all below it, following links; each folder is entered once."""
    entered = {_identity(folder)}

    def unreadable(error: OSError) -> None:
        passed.append(Passed(Path(str(error.filename)), f"cannot be read ({error.strerror})"))

    for name, folders, files in os.walk(folder, followlinks=True, onerror=unreadable):
        here = Path(name)
        folders[:] = sorted(_entered(here, folders, entered, passed))
        yield from _audio(here, sorted(files), passed)


def _entered(here: Path, names: Iterable[str], entered: set[tuple[int, int]], passed: list[Passed]) -> Iterator[str]:
    for name in names:
        path = here / name
        if name.startswith("."):
            passed.append(Passed(path, "hidden"))
        elif not os.access(path, os.R_OK | os.X_OK, effective_ids=True):
            passed.append(Passed(path, "an unreadable folder"))
        elif (identity := _identity(path)) in entered:
            passed.append(Passed(path, "a folder that is already searched"))
        else:
            entered.add(identity)
            yield name


def _audio(here: Path, names: Iterable[str], passed: list[Passed]) -> Iterator[Path]:
    for name in names:
        path = here / name
        if name.startswith("."):
            passed.append(Passed(path, "hidden"))
        elif path.suffix.lower() not in AUDIO:
            passed.append(Passed(path, path.suffix.lower() or "no suffix"))
        elif why := _no_file(path):
            passed.append(Passed(path, why))
        else:
            yield path


def _is_stream(source: Path) -> bool:
    return source == STANDARD_INPUT or source.is_fifo()


def _no_file(path: Path) -> str | None:
    """Return a reason to skip a path that is a pipe, socket or device: reading it might never end."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return None  # opening it will report what is wrong
    return None if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else "a pipe, socket or device"


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino
