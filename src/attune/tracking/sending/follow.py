"""Track a training run in MLflow at no cost to it: events go to disk, and another process sends them.

Imported by the train step: it is light, and the result of training never depends on it.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from attune import environment
from attune.errors import AttuneError
from attune.storage.files import whole_file
from attune.tracking.sending import execution, spool
from attune.visible import on_a_line

_MODULE = [sys.executable, "-P", "-m"]  # -P: a file of the working folder is not taken for the module of its name
_CHECK_SECONDS = 60.0
_NO = 3  # exit code of attune.tracking.check, which is not imported here

Record = Callable[[Mapping[str, object]], None]


@contextmanager
def follow(system: str, fold: str, training: str, parameters: Mapping[str, Any]) -> Iterator[Record]:
    """Track one training run; yield a function to call with each row of its history as soon as there is one.

    A server that is slow or down does not affect training: what could not be sent stays in the spool. One that answers
    and refuses, for instance because the experiment was deleted, is an error before an hour's work, not after it.

    Args:
        system, fold: what is trained, and on which fold.
        training: identifies inputs and settings; a resumed training run continues in the same MLflow run.
        parameters: the parameters to log.

    Raises:
        AttuneError: the result could be neither tracked nor registered, or `ATTUNE_TRACKING` is neither on nor off.
    """
    if _switched_off():
        yield lambda row: None
        return
    place = spool.folder()
    about = {"system": system, "fold": fold, "training": training, "parameters": dict(parameters)}
    try:
        _check_once(place)
        file = spool.begin(place, {"begin": {**execution.current()._asdict(), **about}})
    except OSError as error:
        told = on_a_line(f"{place} cannot be written ({error})")
        print(f"{system} {fold}: not tracked while it runs, {told}", file=sys.stderr)
        yield lambda row: None
        return
    _start_sender()
    status, faults = "FAILED", set[str]()
    try:
        yield lambda row: _keep(file, {"epoch": dict(row)}, faults)
        status = "FINISHED"
    finally:
        _keep(file, {"end": status}, faults)
        file.close()


def _switched_off() -> bool:
    given = os.environ.get(environment.TRACKING) or "on"
    if given.lower() not in ("on", "off"):
        raise AttuneError(
            f"is {given!r}, neither on nor off", where=environment.TRACKING, remedy="Set it to off, or unset it."
        )
    return given.lower() == "off"


def _check_once(place: Path) -> None:
    """Check, once per execution, that MLflow will accept the results."""
    key = execution.current().key
    checked = place / "checked"
    if checked.exists() and checked.read_text(encoding="utf-8", errors="replace") == key:
        return
    command = [*_MODULE, "attune.tracking.check"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_CHECK_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return
    if done.returncode == _NO:
        raise AttuneError(
            f"MLflow could not take this training run's results:\n{done.stderr.strip()}",
            remedy=f"Or train without it: {environment.TRACKING}=off. What is registered later needs it all the same.",
        )
    with whole_file(checked) as file:
        file.write_text(key, encoding="utf-8")


def _keep(file: IO[bytes], event: spool.Event, faults: set[str]) -> None:
    """Append an event; a full disk is reported once, and does not by itself end the training run."""
    try:
        spool.append(file, event)
    except OSError as error:
        if str(error) not in faults:
            print(f"not tracked while it runs: {error}", file=sys.stderr)
        faults.add(str(error))


def _start_sender() -> None:
    """Start sending in a separate process, which outlives this one if necessary."""
    subprocess.Popen(
        [*_MODULE, "attune.tracking.sending.sender"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,  # Ctrl-C does not stop it
    )
