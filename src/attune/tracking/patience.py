"""Trying again what fails only because others write to MLflow's database at the same moment."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from attune.tracking.faults import answering, is_theirs

_PATIENCE = 60.0  # seconds
_BUSY = ("database is locked", "Giving up after", "could not serialize")
_FIRST_OF_TWO = ("UNIQUE constraint failed", "duplicate key value", "Duplicate entry")
"""Two wrote the first row of a kind, such as an alias: SQLite's, PostgreSQL's and MySQL's words for it."""
_T = TypeVar("_T")


def patiently(act: Callable[[], _T]) -> _T:
    """Do what may fail because others write at the same moment, again and again for a while; it must bear repeating.

    SQLite refuses a second writer after some seconds, MLflow gives up on a version number after three collisions, and
    it looks for a row before it inserts one, so that of two who set an alias for the first time one fails.
    """
    deadline = time.monotonic() + _PATIENCE
    with answering():
        while True:
            try:
                return act()
            except Exception as error:
                if not is_theirs(error) or time.monotonic() > deadline or not _is_collision(str(error)):
                    raise
                time.sleep(random.uniform(0.02, 0.3))


def _is_collision(message: str) -> bool:
    return any(sign in message for sign in (*_BUSY, *_FIRST_OF_TWO))
