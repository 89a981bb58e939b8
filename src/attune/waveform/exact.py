"""Sums over 16-bit samples, exact and in memory that is used again: fresh memory costs more than the sums."""

from typing import NamedTuple

import numpy as np

from attune.signal import Pcm

AT_ONCE = 8192
"""Samples worked on at once: their numbers stay near the processor, and are too few for BLAS to use threads."""


class Sums(NamedTuple):
    """Of the samples, and of their squares, as whole numbers."""

    total: int = 0
    squares: int = 0

    def plus(self, more: "Sums") -> "Sums":
        """Of both."""
        return Sums(self.total + more.total, self.squares + more.squares)


def exact_sums(pcm: Pcm) -> Sums:
    """Of samples of shape (samples,), in any number."""
    wide = np.empty(AT_ONCE)
    total, squares = 0, 0
    for start in range(0, len(pcm), AT_ONCE):
        part = pcm[start : start + AT_ONCE]
        now = wide[: len(part)]
        now[:] = part
        total, squares = total + int(now.sum()), squares + int(np.dot(now, now))  # whole numbers below 2**53: exact
    return Sums(total, squares)
