"""Checkpoints of a training run at s3://, for clusters without a volume that several nodes can write to."""

import itertools
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from attune.errors import AttuneError
from attune.storage import addresses

ADDRESS = "ATTUNE_CHECKPOINTS"
"""Environment variable with the address of the checkpoints; unset with a volume claim, which is mounted."""
EVERY = 20.0
"""Seconds between checks for new ones, the most that a lost pod loses besides its current epoch."""


@contextmanager
def kept(arguments: Sequence[str], environment: Mapping[str, str], every: float = EVERY) -> Iterator[None]:
    """Download the checkpoints of `attune train` from the address, and upload new ones while it runs.

    Checkpoints record what they were made from; a training run ignores those of another.
    """
    address = environment.get(ADDRESS, "")
    if not address or "--checkpoints" not in arguments:
        yield
        return
    given = dict(itertools.pairwise(arguments))
    below = f"{given['--system']}/{given['--fold']}"
    folder, address = Path(given["--checkpoints"]) / below, f"{address.rstrip('/')}/{below}"
    _bring(address, folder)
    known, over = _times(folder), threading.Event()
    keeper = threading.Thread(target=_keep, args=(folder, address, known, over, every), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()
        _take(folder, address, known)


def _bring(address: str, folder: Path) -> None:
    try:
        addresses.fetch(address, folder)
    except AttuneError as error:
        if "there is nothing at this address" not in error.what:
            click.echo(f"checkpoints cannot be read, training starts again from the beginning: {error}", err=True)


def _keep(folder: Path, address: str, known: dict[Path, int], over: threading.Event, every: float) -> None:
    while not over.wait(every):
        _take(folder, address, known)


def _take(folder: Path, address: str, known: dict[Path, int]) -> None:
    """Upload new checkpoints; a store that is unavailable does not interrupt training."""
    for path, time in _times(folder).items():
        if known.get(path) == time:
            continue
        try:
            addresses.put(path, f"{address}/{path.relative_to(folder).as_posix()}")
            known[path] = time
        except (AttuneError, OSError) as error:
            click.echo(f"a checkpoint could not be stored: {error}", err=True)


def _times(folder: Path) -> dict[Path, int]:
    """Return the checkpoints with the times at which they were written."""
    found = {}
    with suppress(FileNotFoundError):  # the training run has just ended, and removed them
        for path in folder.rglob("*.checkpoint"):
            if not path.name.startswith("."):
                found[path] = path.stat().st_mtime_ns
    return found
