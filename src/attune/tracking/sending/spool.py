"""Events still to be sent to MLflow, on disk: one append-only file per training run, read in order.

A training run writes its events and never waits for anything; senders read them. A file is locked by its training run
while that runs, so that others can see whether more events will come.
A power cut, a full disk or a newer attune may leave unreadable lines. They never keep the rest from being sent: files
with such lines end up in the folder `set-aside` instead of being removed.
"""

import fcntl
import itertools
import json
import os
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import UnionType
from typing import IO, Any, NamedTuple

from attune import environment
from attune.storage.files import try_lock, whole_file

Event = dict[str, Any]
SET_ASIDE = "set-aside"

_FIELDS: dict[str, dict[str, type | UnionType]] = {
    "begin": {"key": str, "run_id": str | None, "system": str, "fold": str, "training": str, "parameters": dict},
    "epoch": {"network": str, "epoch": int},
    "system": {},
    "end": {},
}
"""Required fields of each kind of event; all others are numbers."""
_NAME = r"[\w.\- /]{1,200}"
"""Names of numbers: what MLflow accepts as part of a metric's name."""
_MOST = 2**62
"""Larger than any time in milliseconds or any step; databases store little more."""


def folder() -> Path:
    """Return ATTUNE_SPOOL, or `.attune/tracking` in the working directory."""
    return Path(os.environ.get(environment.SPOOL) or ".attune/tracking")


def prepare(place: Path) -> None:
    """Create the spool's folder, ignored by git."""
    place.mkdir(parents=True, exist_ok=True)
    ignore = place / ".gitignore"
    if not ignore.exists() or not ignore.stat().st_size:
        ignore.write_text("*\n", encoding="utf-8")


def begin(place: Path, first: Event) -> IO[bytes]:
    """Create a file with its first event; it is locked as long as it is open."""
    prepare(place)
    path = place / f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}.jsonl"
    hidden = path.with_suffix(".begun")
    file = hidden.open("ab", buffering=0)  # append mode, because the sender adds system metrics
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
    except OSError:
        hidden.unlink()
        raise
    append(file, first)
    hidden.rename(path)  # seen by senders from here on, and never unlocked or empty
    return file


def append(file: IO[bytes], event: Event) -> None:
    """Add an event, stamped with the time in milliseconds, as one line in one write."""
    file.write(json.dumps({"time": time.time_ns() // 1_000_000, **event}).encode() + b"\n")


def pending(place: Path) -> list[Path]:
    """Return the files that are not completely sent, oldest training run first."""
    return sorted(place.glob("*.jsonl"))


def events(path: Path, offset: int) -> Iterator[tuple[Event | None, int]]:
    """Yield the events from a byte offset on, each with the offset after it; None for a line that is not an event.

    A line still being written is left for later.
    """
    with path.open("rb") as file:
        file.seek(offset)
        for line in file:
            if not line.endswith(b"\n"):
                return
            offset += len(line)
            yield _parsed(line), offset


def _parsed(line: bytes) -> Event | None:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    kinds = [kind for kind in _FIELDS if isinstance(event, dict) and kind in event]
    return event if len(kinds) == 1 and _is_whole(event, kinds[0]) else None


def _is_whole(event: Event, kind: str) -> bool:
    about = event[kind]
    if not _is_count(event.get("time")) or not _is_text(event):
        return False
    if kind == "end":
        return about in ("FINISHED", "FAILED")
    if not isinstance(about, dict):
        return False
    known = all(isinstance(about.get(name), types) for name, types in _FIELDS[kind].items())
    numbers = kind == "begin" or all(_is_measured(name, value) for name, value in about.items() if name != "network")
    return known and numbers and (kind != "system" or _is_count(event.get("step"))) and _is_step(about.get("epoch", 0))


def _is_step(value: object) -> bool:
    return type(value) is int and -_MOST < value < _MOST


def _is_count(value: object) -> bool:
    return _is_step(value) and value >= 0  # type: ignore[operator]


def _is_measured(name: str, value: object) -> bool:
    if not re.fullmatch(_NAME, name) or ".." in name:
        return False
    return value is None or isinstance(value, float) or (type(value) is int and abs(value) < 10**300)


def _is_text(event: Event) -> bool:
    """Whether its text can be stored anywhere: no lone surrogate, no NUL."""
    try:
        return b"\0" not in json.dumps(event, ensure_ascii=False).encode() and "\\u0000" not in json.dumps(event)
    except UnicodeEncodeError:
        return False


def is_running(path: Path) -> bool:
    """Whether the training run that writes this file is still running."""
    if not path.is_file():  # opening a pipe would wait for its other end
        return False
    try:
        with path.open("rb") as file:
            return try_lock(file, fcntl.LOCK_SH) is False
    except OSError:  # whatever it is, no training run is writing it
        return False


class Sent(NamedTuple):
    """How far a file has been sent: bytes, the MLflow run they went to, whether that has been ended, lines skipped."""

    offset: int = 0
    run_id: str = ""
    ended: bool = False
    left_out: int = 0


def sent(path: Path) -> Sent:
    """Return how far the file has been sent; if unknown, from the start, since sending is idempotent."""
    try:
        mark = Sent(**json.loads(_mark(path).read_text(encoding="utf-8")))
        offset, run_id, ended, left_out = mark
        known = type(offset) is type(left_out) is int and isinstance(run_id, str) and isinstance(ended, bool)
        return mark if known and 0 <= offset <= path.stat().st_size and (run_id or not offset) else Sent()
    except (OSError, ValueError, TypeError, RecursionError):
        return Sent()


def mark_sent(path: Path, mark: Sent) -> None:
    """Record how far the file has been sent."""
    if _mark(path).is_dir():
        _move(_mark(path))
    with whole_file(_mark(path)) as file:
        file.write_text(json.dumps(mark._asdict()), encoding="utf-8")


def remove(path: Path) -> None:
    """Remove a file that has been sent completely."""
    path.unlink()
    _mark(path).unlink(missing_ok=True)


def set_aside(path: Path) -> Path:
    """Move a file that cannot be sent completely out of the way; return its new path."""
    if _mark(path).is_dir():
        _move(_mark(path))
    kept = _move(path)
    _mark(path).unlink(missing_ok=True)
    return kept


def _move(path: Path) -> Path:
    """Move the file into the first `set-aside` folder that exists as a folder or can be created."""
    for number in itertools.count(1):
        folder = path.parent / (SET_ASIDE if number == 1 else f"{SET_ASIDE}-{number}")
        if not os.path.lexists(folder):
            folder.mkdir()
        if folder.is_dir():
            return path.rename(folder / path.name)
    raise AssertionError


def _mark(path: Path) -> Path:
    return path.with_suffix(".sent")


@contextmanager
def locked(place: Path, name: str, wait: float) -> Iterator[bool]:
    """Hold one of the spool's locks; yield False if another process still holds it after `wait` seconds.

    On a file system without locks nobody waits.
    """
    prepare(place)
    until = time.monotonic() + wait
    with (place / f"{name}.lock").open("ab") as file:
        while (mine := try_lock(file)) is False and time.monotonic() < until:
            time.sleep(0.1)
        yield mine is not False
