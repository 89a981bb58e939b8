"""Exact sums over 16-bit samples, in reused memory: allocating it afresh costs more than the sums."""

from typing import NamedTuple

import numpy as np

from attune.signal import Pcm

AT_ONCE = 8192
"""Samples processed at once: few enough to stay in the processor's cache and for BLAS not to use threads."""


class Sums(NamedTuple):
    """Sums of samples and of their squares, as integers."""

    total: int = 0
    squares: int = 0

    def plus(self, more: "Sums") -> "Sums":
        """Return the sums over both."""
        return Sums(self.total + more.total, self.squares + more.squares)


def exact_sums(pcm: Pcm) -> Sums:
    """Return the sums of any number of samples, shape (samples,)."""
    wide = np.empty(AT_ONCE)
    total, squares = 0, 0
    for start in range(0, len(pcm), AT_ONCE):
        part = pcm[start : start + AT_ONCE]
        now = wide[: len(part)]
        now[:] = part
        total, squares = total + int(now.sum()), squares + int(np.dot(now, now))  # exact: integers below 2**53
    return Sums(total, squares)
