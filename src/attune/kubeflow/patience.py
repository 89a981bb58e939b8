"""Wait out transient faults inside the pod: another pod would have to fetch everything again."""

import time
from collections.abc import Callable
from typing import TypeVar

import click

from attune.errors import AttuneError

PAUSES = (15.0, 30.0, 60.0, 120.0)
"""Seconds before each retry."""

Done = TypeVar("Done")


def patiently(do: Callable[[], Done]) -> Done:
    """Call a function that is safe to repeat, retrying while the fault is transient.

    Raises:
        AttuneError: the fault is not transient, or has not passed after all retries.
    """
    for pause in PAUSES:
        try:
            return do()
        except AttuneError as error:
            if not error.passes:
                raise
            click.echo(f"{error.what}; again in {pause:.0f} s", err=True)
            time.sleep(pause)
    return do()
