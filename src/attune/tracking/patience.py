"""Retry what fails only because others write to MLflow's database at the same time."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from attune.tracking.faults import answering, is_theirs

_PATIENCE = 60.0  # seconds
_FEWEST = 4  # attempts, however long each takes
_BUSY = ("database is locked", "Giving up after", "could not serialize")
_OF_A_SERVER = ("too many 500 error responses", "too many 503 error responses")
"""What MLflow's client reports in these cases for a server: it retries a few times and ignores the server's message."""
_FIRST_OF_TWO = ("UNIQUE constraint failed", "duplicate key value", "Duplicate entry")
"""Two processes inserted the same row, such as an alias: the messages of SQLite, PostgreSQL and MySQL."""
_T = TypeVar("_T")


def patiently(act: Callable[[], _T]) -> _T:
    """Retry for a while what may fail because others write at the same time; `act` must be safe to repeat.

    SQLite refuses a second writer after some seconds, MLflow gives up on a version number after three collisions, and
    it looks for a row before inserting it, so that one of two processes that first set an alias fails.
    """
    deadline = time.monotonic() + _PATIENCE
    with answering():
        tries = 0
        while True:
            try:
                return act()
            except Exception as error:
                tries += 1
                over = tries >= _FEWEST and time.monotonic() > deadline
                if over or not is_theirs(error) or not _is_collision(str(error)):
                    raise
                time.sleep(random.uniform(0.02, 0.3))


def _is_collision(message: str) -> bool:
    return any(sign in message for sign in (*_BUSY, *_OF_A_SERVER, *_FIRST_OF_TWO))
