"""What is still to be sent to MLflow, on disk: one file of events per training, appended to and read in order.

A training writes its events and never waits for anything; senders read them. A file is locked by its training
while that runs, which is how others see whether more will come.
"""

import fcntl
import json
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

from attune.files import whole_file

Event = dict[str, Any]


def folder() -> Path:
    """ATTUNE_SPOOL, or `.attune/tracking` in the working directory."""
    return Path(os.environ.get("ATTUNE_SPOOL") or ".attune/tracking")


def prepare(place: Path) -> None:
    """Make the spool's folder, unseen by git."""
    place.mkdir(parents=True, exist_ok=True)
    ignore = place / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")


def begin(place: Path, first: Event) -> IO[bytes]:
    """Open a new file of events, locked as long as it is open, with its first event in it."""
    prepare(place)
    path = place / f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}.jsonl"
    hidden = path.with_suffix(".begun")
    file = hidden.open("ab", buffering=0)  # appending, because the sender adds what it sees of the machine
    fcntl.flock(file, fcntl.LOCK_EX)
    append(file, first)
    hidden.rename(path)  # seen by senders from here on, and never unlocked or empty
    return file


def append(file: IO[bytes], event: Event) -> None:
    """Add an event, stamped with the time in milliseconds, as one line in one write."""
    file.write(json.dumps({"time": time.time_ns() // 1_000_000, **event}).encode() + b"\n")


def pending(place: Path) -> list[Path]:
    """The files that are not wholly sent, the oldest training first."""
    return sorted(place.glob("*.jsonl"))


def events(path: Path, offset: int) -> Iterator[tuple[Event, int]]:
    """The whole events from a byte offset on, each with the offset after it.

    A line still being written is left for later; one that a full disk cut short is passed over.
    """
    with path.open("rb") as file:
        file.seek(offset)
        for line in file:
            if not line.endswith(b"\n"):
                return
            offset += len(line)
            with suppress(json.JSONDecodeError):
                yield json.loads(line), offset


def is_running(path: Path) -> bool:
    """Whether the training that writes this file still runs."""
    with path.open("rb") as file:
        return not _try_lock(file, fcntl.LOCK_SH)


class Sent(NamedTuple):
    """How far a file has been sent: bytes, the run they went to, and whether that run has been ended."""

    offset: int = 0
    run_id: str = ""
    ended: bool = False


def sent(path: Path) -> Sent:
    """How far the file has been sent."""
    try:
        return Sent(**json.loads(_mark(path).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Sent()


def mark_sent(path: Path, mark: Sent) -> None:
    """Remember how far the file has been sent."""
    with whole_file(_mark(path)) as file:
        file.write_text(json.dumps(mark._asdict()), encoding="utf-8")


def remove(path: Path) -> None:
    """Forget a file that has been sent to its end."""
    path.unlink()
    _mark(path).unlink(missing_ok=True)


def _mark(path: Path) -> Path:
    return path.with_suffix(".sent")


@contextmanager
def locked(place: Path, name: str, wait: float) -> Iterator[bool]:
    """Hold one of the spool's locks; False where somebody else has held it for `wait` seconds."""
    prepare(place)
    until = time.monotonic() + wait
    with (place / f"{name}.lock").open("ab") as file:
        while not (mine := _try_lock(file, fcntl.LOCK_EX)) and time.monotonic() < until:
            time.sleep(0.1)
        yield mine


def _try_lock(file: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
