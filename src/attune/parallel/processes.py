"""Work for several processes, its results in order: for what is mostly Python, or a library unfit for threads."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from threading import Thread
from typing import Any, TypeVar

from attune import machine
from attune.errors import AttuneError
from attune.parallel.threads import ordered

_MOST = 8
"""Most processes: a container may see many processors but be allowed to use few of them."""
_AHEAD = 4
"""Things queued per process, so that memory does not grow with their number."""

Thing = TypeVar("Thing")
Result = TypeVar("Result")


class KilledError(AttuneError):
    """A process was killed; the same work may succeed another time."""


class Pool(ProcessPoolExecutor):
    """Processes that leave Ctrl-C to this one from their first moment, and end when it is killed.

    As a context it terminates them on any error, whatever they are doing.
    """

    def __init__(self, processes: int) -> None:
        self._others = multiprocessing.active_children()
        context = multiprocessing.get_context("spawn")  # a fork would inherit locks held by other threads
        super().__init__(processes, context, initializer=_watch_in_background)

    def submit(self, work: Callable[..., Result], /, *args: object, **options: object) -> "Future[Result]":
        # Processes start here. They inherit what is blocked; and those of a start cut short would be waited forever.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return super().submit(work, *args, **options)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def __exit__(self, kind: type[BaseException] | None, *rest: Any) -> None:
        if kind is not None:
            for process in multiprocessing.active_children():
                if process not in self._others:
                    process.terminate()
        super().__exit__(kind, *rest)


def worthwhile(amount: float, each: float) -> int:
    """Return the number of processes for an amount of work, if `each` of it is worth starting one; at least 1."""
    return max(1, min(machine.cores(), _MOST, int(amount // each)))


def in_order(work: Callable[[Thing], Result], things: Iterable[Thing], processes: int) -> Iterator[Result]:
    """Yield the result of the work on each thing, in order; one process is this one.

    The first error in that order is raised, and the processes are terminated. They end with this one, even if it is
    killed.

    Raises:
        KilledError: one of them was killed.
    """
    if processes == 1:
        yield from map(work, things)
        return
    with Pool(processes) as pool:
        try:
            yield from ordered(pool, work, things, processes * _AHEAD)
        except BrokenProcessPool:
            raise KilledError(
                f"one of {processes} processes was killed",
                remedy="The kernel does so where memory runs out: free some, or give the container more; run it again.",
            ) from None


def _watch_in_background() -> None:
    Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    """Exit when the parent is killed: otherwise a process would wait for work forever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
