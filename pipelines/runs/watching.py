"""Watch a run while it is in progress."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kfp_server_api import ApiException, RunServiceApi, V2beta1Run

from attune.errors import AttuneError
from pipelines.runs import tasks
from pipelines.runs.stuck import stuck as stuck_pods
from pipelines.runs.tasks import ENDED, Task
from pipelines.server.calls import BROKEN, FOREIGN, Server, explained, read

OFTEN = 4
"""In every OFTEN-th look, Kubernetes is also asked why pods do not start."""


@dataclass(frozen=True)
class Look:
    """A run at one moment."""

    run: Any
    state: str
    tasks: list[Task]
    stuck: dict[str, str] = field(default_factory=dict)
    """Tasks whose pod cannot start, and why."""


def get(server: Server, run_id: str) -> V2beta1Run:
    """Return a run from the server.

    Raises:
        AttuneError: no such run, the server refused, or it does not answer.
    """
    run = read(server, f"run {run_id}", RunServiceApi(server.client).run_service_get_run, run_id)
    if not run.run_id:
        raise explained(ApiException(status=BROKEN, reason=FOREIGN), f"run {run_id}", server.host)
    return run


def look(server: Server, run_id: str) -> Look:
    """Return a run, its tasks, and what keeps them from starting.

    Raises:
        AttuneError: the same as for `get`.
    """
    run = get(server, run_id)
    return Look(run, tasks.state_of(run), tasks.of(run), _stuck(server, run))


def wait(
    server: Server, run_id: str, tell: Callable[[Look], None], *, every: float = 5.0, at_most: float | None = None
) -> V2beta1Run:
    """Poll a run until it has ended; return it.

    Args:
        tell: called with every look.
        every: seconds between looks.
        at_most: seconds to wait; None for as long as it takes.

    Raises:
        AttuneError: the timeout expired, or the server refuses or stops answering.
    """
    began, stuck = time.monotonic(), dict[str, str]()
    for number in itertools.count():
        try:
            run = get(server, run_id)
        except AttuneError as error:
            raise (_lost(error, run_id) if number else error) from None
        stuck = _stuck(server, run) if number % OFTEN == 0 else stuck
        seen = Look(run, tasks.state_of(run), tasks.of(run), stuck)
        tell(seen)
        if run.state in ENDED:
            return run
        if at_most is not None and time.monotonic() - began > at_most:
            raise AttuneError(
                f"run {run_id} is still {seen.state} after {at_most:.0f} s",
                where=server.page(run_id),
                remedy=f"It continues; look again with: attune pipeline status {run_id}",
            )
        time.sleep(every)
    raise AssertionError("counting ended")


def _lost(error: AttuneError, run_id: str) -> AttuneError:
    """Return the error to report if a run that existed a moment ago can no longer be read."""
    if "not found" in error.what:
        return AttuneError(f"run {run_id} is no longer there: somebody deleted it", where=error.where)
    remedy = f"{error.remedy} The run may well continue; look again with: attune pipeline status {run_id}"
    return AttuneError(error.what, where=error.where, remedy=remedy)


def _stuck(server: Server, run: Any) -> dict[str, str]:
    return {} if run.state in ENDED else stuck_pods(server, run)
