"""Send the events that training runs left in the spool to MLflow: in order, once, when the server answers.

`python -m attune.tracking.sending.sender` does so with lower priority during training and a little longer; one process
serves consecutive training runs. `attune track sync` and the register step do so too.
"""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from attune.errors import AttuneError
from attune.tracking import client as mlflow_client
from attune.tracking import faults, run_tree, runs
from attune.tracking.sending import machine, spool
from attune.tracking.sending.execution import Execution

if TYPE_CHECKING:
    from mlflow import MlflowClient

_FOR_EVER = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE", "INVALID_STATE")
"""MLflow's error codes where retrying is useless: the run was deleted, or the data is invalid."""

_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE)
"""Errors that do not mean that the file itself is bad."""

_EVERY = 1.0  # seconds between checks of the spool
_LINGER = 20.0  # seconds to wait for the next training run, which would otherwise have to start another sender
_GRACE = 120.0  # seconds to keep trying after the last training run; on a busy machine one check can take twenty
_LOCK, _ROUND = "sender", "round"
"""Locks of the spool: of the one sender that lives with the training runs, and of whoever sends at this moment."""

Known = dict[str, set[tuple[str, int]]]
"""Metric names and steps by run, which make sending idempotent."""


def main() -> None:
    """Send until all is sent; give up, leaving the rest on disk, if nothing trains and the server does not answer."""
    os.nice(5)
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
    place = spool.folder()
    with spool.locked(place, _LOCK, wait=5.0) as mine:
        if mine:  # otherwise another sender is running, and will see the new training run too
            _send_until_done(place)


def _send_until_done(place: Path) -> None:
    known: Known = {}
    watch = machine.Watch()
    until = time.monotonic() + _GRACE
    while True:
        waiting = spool.pending(place)
        if any(map(spool.is_running, waiting)):
            until = time.monotonic() + _GRACE
        elif not waiting:
            until = min(until, time.monotonic() + _LINGER)
        if time.monotonic() >= until:  # only after a look: a training run that began meanwhile relies on this process
            return
        with spool.locked(place, _ROUND, wait=_LINGER) as mine:  # `sync` of another process comes between two rounds
            if mine:
                _send_round(place, watch, known)
        time.sleep(_EVERY)


def _send_round(place: Path, watch: machine.Watch, known: Known) -> None:
    waiting = spool.pending(place)
    if running := [path for path in waiting if spool.is_running(path)]:
        with suppress(OSError):  # a full disk, which may have room again
            watch.look(running)
    if any(map(_has_news, waiting)):
        with suppress(AttuneError, OSError):  # no answer: all stays in the spool, and the next check tries again
            send_pending(mlflow_client.connect(), place, known)


def _has_news(path: Path) -> bool:
    if not path.is_file():
        return True
    return path.stat().st_size > spool.sent(path).offset or not spool.is_running(path)


def sync() -> tuple[int, list[str]]:
    """Send what is in the spool now.

    Returns:
        How many training runs are left (still running, or not sent), and why some were not sent completely.

    Raises:
        AttuneError: MLflow does not answer, or another process has been sending for half a minute.
    """
    place = spool.folder()
    if not spool.pending(place):
        return 0, []
    with spool.locked(place, _ROUND, wait=30.0) as mine:
        if not mine:
            raise AttuneError("another process is still sending", where=place, remedy="Try again in a minute.")
        wrong = send_pending(mlflow_client.connect(), place, {})
    return len(spool.pending(place)), wrong


def send_pending(client: "MlflowClient", place: Path, known: Known) -> list[str]:
    """Send every training run's new events, oldest first; return what went wrong, by file.

    Files that can never be sent, because they are damaged or their run was deleted, are set aside.
    """
    wrong = []
    for path in spool.pending(place):
        try:
            with mlflow_client.answering():
                wrong += _send(client, path, known)
        except AttuneError as error:
            wrong.append(f"{path.name}: {error}")
        except OSError as error:
            wrong.append(_unreadable(path, error))
    return wrong


def _unreadable(path: Path, error: OSError) -> str:
    if error.errno in _OF_THE_DISK:
        return f"{path.name}: {error.strerror}. It stays where it is, and is sent when there is room"
    return _set_aside(path, f"cannot be read ({error.strerror})")


def _send(client: "MlflowClient", path: Path, known: Known) -> list[str]:
    from mlflow.exceptions import MlflowException

    if not path.is_file() and path.exists():
        return [_set_aside(path, "is no ordinary file")]
    running = spool.is_running(path)  # checked first: what is written in between is seen next time
    mark = spool.sent(path)
    for event, offset in spool.events(path, mark.offset):
        if event is None or ("begin" in event) == bool(mark.run_id):
            mark = mark._replace(left_out=mark.left_out + 1)
        else:
            try:
                mark = _send_event(client, event, mark, known)
            except run_tree.RunGoneError as error:
                return [_set_aside(path, error.what)]
            except MlflowException as error:
                if error.error_code not in _FOR_EVER:
                    raise
                return [_set_aside(path, f"MLflow does not accept it: {faults.shortened(error)}")]
        if mark.run_id:
            mark = mark._replace(offset=offset)
            spool.mark_sent(path, mark)
    if running:
        return []
    if mark.run_id and not mark.ended:
        client.set_terminated(mark.run_id, "KILLED")
    if mark.left_out or not mark.run_id:
        lines = f"{mark.left_out} of its lines cannot be read; the others were sent" if mark.run_id else "it is damaged"
        return [_set_aside(path, lines)]
    spool.remove(path)
    return []


def _set_aside(path: Path, why: str) -> str:
    try:
        return f"{path.name}: {why}. It was set aside: {spool.set_aside(path)}"
    except OSError as error:
        return f"{path.name}: {why}. It cannot be set aside either ({error.strerror}): remove it from {path.parent}"


def _send_event(client: "MlflowClient", event: spool.Event, mark: spool.Sent, known: Known) -> spool.Sent:
    if "begin" in event:
        mark = mark._replace(run_id=_begin(client, event["begin"]))
        known.pop(mark.run_id, None)  # of a run that is continued, another process may have sent some
        return mark
    if "end" in event:
        client.set_terminated(mark.run_id, event["end"], event["time"])
        return mark._replace(ended=True)
    if "system" in event:
        runs.log_metrics(client, mark.run_id, _system(event), event["time"])
    else:
        _send_epoch(client, mark.run_id, event, known)
    return mark


def _begin(client: "MlflowClient", about: spool.Event) -> str:
    this = Execution(about["key"], about["run_id"])
    return run_tree.begin_training(
        client,
        this,
        system=about["system"],
        fold=about["fold"],
        training=about["training"],
        parameters=about["parameters"],
    )


def _send_epoch(client: "MlflowClient", run_id: str, event: spool.Event, known: Known) -> None:
    if run_id not in known:
        known[run_id] = {(number.name, number.step) for number in runs.logged(client, run_id)}
    new = [number for number in runs.epoch(event["epoch"]) if (number.name, number.step) not in known[run_id]]
    runs.log_metrics(client, run_id, new, event["time"])
    known[run_id] |= {(number.name, number.step) for number in new}


def _system(event: spool.Event) -> Iterator[runs.Measurement]:
    for name, value in event["system"].items():
        yield runs.Measurement(f"system/{name}", float(value), event["step"])


if __name__ == "__main__":
    main()
