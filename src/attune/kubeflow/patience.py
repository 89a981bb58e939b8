"""Faults that may pass, waited for inside the pod: another pod would have to fetch everything anew."""

import time
from collections.abc import Callable
from typing import TypeVar

import click

from attune.errors import AttuneError

PAUSES = (15.0, 30.0, 60.0, 120.0)
"""Seconds before the second try and each one after it."""

Done = TypeVar("Done")


def patiently(do: Callable[[], Done]) -> Done:
    """Do something that may be done again, again while what keeps it from succeeding may pass.

    Raises:
        AttuneError: it cannot pass, or has not after all tries.
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
