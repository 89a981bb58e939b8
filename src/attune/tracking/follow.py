"""Following a training in MLflow while it runs, at no cost to it: events go to disk, another process sends them.

Imported by the train step: light, and the result of a training never depends on it.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from attune.tracking import execution, spool

SWITCH = "ATTUNE_TRACKING"
"""Environment variable; `off` keeps a training to itself (the register step records it all the same)."""

Record = Callable[[Mapping[str, object]], None]


@contextmanager
def follow(system: str, fold: str, training: str, parameters: Mapping[str, Any]) -> Iterator[Record]:
    """Follow one training; yields a function to call with each row of its history, as soon as there is one.

    A server that is slow or down changes nothing for the training: what could not be sent stays in the spool.

    Args:
        system, fold: what is trained, and on what.
        training: identifies inputs and settings; a training taken up again goes on in the same run.
        parameters: what to show as the run's parameters.
    """
    if os.environ.get(SWITCH) == "off":
        yield lambda row: None
        return
    place = spool.folder()
    about = {"system": system, "fold": fold, "training": training, "parameters": dict(parameters)}
    try:
        file = spool.begin(place, {"begin": {**execution.current()._asdict(), **about}})
    except OSError as error:
        print(f"{system} {fold}: not tracked while it runs, {place} cannot be written ({error})", file=sys.stderr)
        yield lambda row: None
        return
    _start_sender()
    status = "FAILED"
    try:
        yield lambda row: _keep(file, {"epoch": dict(row)})
        status = "FINISHED"
    finally:
        _keep(file, {"end": status})
        file.close()


def _keep(file: IO[bytes], event: spool.Event) -> None:
    try:
        spool.append(file, event)
    except OSError as error:  # a full disk ends the training only where the training itself needs it
        print(f"not tracked while it runs: {error}", file=sys.stderr)


def _start_sender() -> None:
    """Begin sending in a process of its own, which outlives this one if it has to."""
    subprocess.Popen(
        [sys.executable, "-m", "attune.tracking.sender"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,  # the keyboard does not stop it
    )
