"""Synthesis of all turns, by several processes where worthwhile; their number does not affect the sound."""

import hashlib
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread

import numpy as np
import scipy

from attune import machine
from attune.corpus.synthetic.plan import Turn
from attune.corpus.synthetic.tree import speak
from attune.corpus_settings import Synthetic

_CHUNK = 16
_AHEAD = 4
"""Chunks queued per worker, so that memory does not grow with the corpus."""

_SECONDS_EACH = 1800.0
_MOST = 8
"""Most workers: a container may see many processors but be allowed to use few of them."""


def spoken(turns: Sequence[Turn], release: Path, settings: Synthetic, workers: int | None) -> Iterator[str]:
    """Yield the text of each turn, in order, once it is recorded.

    Args:
        release: the folder for ``Session1`` ...
        workers: processes; by default one per half hour of speech, at most as many as processors.
    """
    wanted = workers or _worthwhile(turns)
    if wanted == 1:
        yield from (speak(turn, release, settings) for turn in turns)
        return
    context = multiprocessing.get_context("spawn")  # a fork would inherit locks held by other threads
    with ProcessPoolExecutor(wanted, context, initializer=_end_with_parent) as pool:
        chunks = (turns[start : start + _CHUNK] for start in range(0, len(turns), _CHUNK))
        submit = (pool.submit(_chunk, list(chunk), release, settings) for chunk in chunks)
        yield from _in_order(submit, wanted * _AHEAD, pool.shutdown)


def identity(settings: Synthetic) -> str:
    """Return a digest of what the sound depends on: settings, code, libraries."""
    digest = hashlib.sha256(settings.model_dump_json().encode())
    digest.update(f"{np.__version__} {scipy.__version__}".encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _in_order(submit: Iterator[Future[list[str]]], ahead: int, stop: Callable[..., None]) -> Iterator[str]:
    waiting: deque[Future[list[str]]] = deque()
    try:
        for future in submit:
            waiting.append(future)
            if len(waiting) >= ahead:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        stop(cancel_futures=True)


def _chunk(turns: list[Turn], release: Path, settings: Synthetic) -> list[str]:
    return [speak(turn, release, settings) for turn in turns]


def _worthwhile(turns: Sequence[Turn]) -> int:
    seconds = sum(turn.slot.seconds for turn in turns)
    return max(1, min(machine.cores(), _MOST, int(seconds // _SECONDS_EACH)))


def _end_with_parent() -> None:
    """Exit when the parent is killed; otherwise a worker would wait for work forever."""
    Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
