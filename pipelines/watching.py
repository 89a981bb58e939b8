"""Looking at a run while it goes on, and saying how it ended."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from kfp_server_api import RunServiceApi, V2beta1Run

from attune.errors import AttuneError
from pipelines.calls import Server, read

ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELED", "SKIPPED"})
PLUMBING = re.compile(r".*-driver|executor(\(\d+\))?|root|iteration-.*|.*\(\d+.*\)")
"""Nodes that Kubeflow puts around the tasks of a graph."""


class Change(NamedTuple):
    """A task, or the run itself, that is now in another state."""

    task: str
    state: str


def get(server: Server, run_id: str) -> V2beta1Run:
    """A run as the server sees it.

    Raises:
        AttuneError: no such run, refused, or no answer.
    """
    return read(server, f"run {run_id}", RunServiceApi(server.client).run_service_get_run, run_id)


def wait(
    server: Server,
    run_id: str,
    tell: Callable[[Change], None],
    *,
    every: float = 5.0,
    at_most: float | None = None,
) -> V2beta1Run:
    """Look at a run until it has ended; return it.

    Args:
        tell: called once for every change of state.
        every: seconds between looks.
        at_most: seconds to wait; None for as long as it takes.

    Raises:
        AttuneError: the time is over, or the server refuses or stops answering.
    """
    known: dict[str, str] = {}
    deadline = None if at_most is None else time.monotonic() + at_most
    while True:
        run = get(server, run_id)
        for key, change in _states(run):
            if known.get(key) != change.state:
                known[key] = change.state
                tell(change)
        if run.state in ENDED:
            return run
        if deadline is not None and time.monotonic() > deadline:
            raise AttuneError(
                f"run {run_id} is still {run.state} after {at_most:.0f} s",
                where=server.page(run_id),
                remedy=f"It goes on; look again with: attune pipeline status {run_id}",
            )
        time.sleep(every)


def check_success(server: Server, run: V2beta1Run) -> None:
    """Nothing if a run that has ended ended well.

    Raises:
        AttuneError: it did not; the message names the tasks that failed, and what the server says of them.
    """
    if run.state == "SUCCEEDED":
        return
    reasons = [_reason(task) for task in tasks(run) if task.state == "FAILED"]
    told = f": {'; '.join(reasons)}" if reasons else _words(run.error)
    raise AttuneError(
        f"run {run.run_id} ended {run.state}{told}",
        where=server.page(run.run_id),
        remedy=f"Read what it said: attune pipeline logs {run.run_id}",
    )


def tasks(run: V2beta1Run) -> list[Any]:
    """The tasks of our graph among what Kubeflow lists, in the order they began."""
    details = (run.run_details and run.run_details.task_details) or []
    ours = [task for task in details if not PLUMBING.fullmatch(task.display_name or "")]
    return sorted(ours, key=lambda task: (str(task.start_time or task.create_time), task.display_name))


def _states(run: V2beta1Run) -> Iterator[tuple[str, Change]]:
    for task in tasks(run):
        yield task.task_id or task.display_name, Change(task.display_name, task.state or "PENDING")
    yield "", Change("run", run.state or "PENDING")


def _reason(task: Any) -> str:
    return f"{task.display_name}{_words(task.error)}"


def _words(error: Any) -> str:
    return f" ({error.message})" if error is not None and error.message else ""
