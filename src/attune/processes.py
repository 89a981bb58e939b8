"""Work for several processes, its results in order: for what is mostly Python, or a library unfit for threads."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from threading import Thread
from typing import TypeVar

from attune import machine
from attune.errors import AttuneError
from attune.threads import ordered

_MOST = 8
"""Most processes: a container may see many processors but be allowed to use few of them."""
_AHEAD = 4
"""Things queued per process, so that memory does not grow with their number."""

Thing = TypeVar("Thing")
Result = TypeVar("Result")


class KilledError(AttuneError):
    """A process was killed; the same work may succeed another time."""


def worthwhile(amount: float, each: float) -> int:
    """Return the number of processes for an amount of work, if `each` of it is worth starting one; at least 1."""
    return max(1, min(machine.cores(), _MOST, int(amount // each)))


def in_order(work: Callable[[Thing], Result], things: Iterable[Thing], processes: int) -> Iterator[Result]:
    """Yield the result of the work on each thing, in order; one process is this one.

    The first error in that order is raised; what has not been begun by then is left undone. The processes end with this
    one, even if it is killed.

    Raises:
        KilledError: one of them was killed.
    """
    if processes == 1:
        yield from map(work, things)
        return
    context = multiprocessing.get_context("spawn")  # a fork would inherit locks held by other threads
    with ProcessPoolExecutor(processes, context, initializer=_begin) as pool:
        try:
            yield from ordered(pool, work, things, processes * _AHEAD)
        except BrokenProcessPool:
            raise KilledError(
                f"one of {processes} processes was killed",
                remedy="The kernel does so where memory runs out: free some, or give the container more; run it again.",
            ) from None


def _begin() -> None:
    """Leave Ctrl-C to the parent, and exit when it is killed: otherwise a process would wait for work forever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
