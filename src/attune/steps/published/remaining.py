"""Estimate the time that remains for training runs of several systems, from those that are done."""

from collections.abc import Sequence

import numpy as np


class Remaining:
    """The estimate: each system's own mean if one of its runs is done, or else the mean of all systems."""

    def __init__(self, systems: Sequence[str], at_once: int) -> None:
        self._todo, self._at_once = list(systems), at_once
        self._seconds: dict[str, list[float]] = {}

    def took(self, system: str, seconds: float) -> None:
        """Count a run of that system as done."""
        self._todo.remove(system)
        self._seconds.setdefault(system, []).append(seconds)

    @property
    def seconds(self) -> float:
        """Seconds for everything that is still to do."""
        means = {system: float(np.mean(own)) for system, own in self._seconds.items()}
        usual = float(np.mean(list(means.values())))
        return sum(means.get(system, usual) for system in self._todo) / self._at_once

    def __str__(self) -> str:
        return f"about {duration(self.seconds)} left" if self._todo else "all done"


def duration(seconds: float) -> str:
    """Return a readable duration.

    >>> duration(20), duration(100), duration(7900)
    ('a minute', '2 min', '2 h 12 min')
    """
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min" if minutes > 1 else "a minute"
