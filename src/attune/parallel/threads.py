"""Work for several threads, its results in order: for what spends its time outside Python, such as digests and FFTs."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import TypeVar

from attune import machine

_MOST = 4
"""Most threads: what is Python in the work runs one at a time."""
_AHEAD = 4
"""Things begun per thread before the first one's result is taken, so that memory does not grow with their number."""

Thing = TypeVar("Thing")
Result = TypeVar("Result")


def in_order(work: Callable[[Thing], Result], things: Iterable[Thing]) -> Iterator[Result]:
    """Yield the result of the work on each thing, in order, with as many threads as there are cores.

    The first error in that order is raised; what has not been begun by then is left undone.
    """
    threads = min(machine.cores(), _MOST)
    if threads == 1:
        yield from map(work, things)
        return
    pool = ThreadPoolExecutor(threads, "attune")
    try:
        yield from ordered(pool, work, things, threads * _AHEAD)
    finally:
        pool.shutdown(cancel_futures=True)


def ordered(pool: Executor, work: Callable[[Thing], Result], things: Iterable[Thing], ahead: int) -> Iterator[Result]:
    """Yield the result of a pool's work on each thing, in order, with so many begun before the first one is taken."""
    waiting: deque[Future[Result]] = deque()
    for thing in things:
        waiting.append(pool.submit(work, thing))
        if len(waiting) == ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
