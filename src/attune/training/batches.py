"""Batches of utterances of similar length, so that little of a batch is padding."""

from collections.abc import Sequence

import numpy as np

Batches = list[list[int]]

_POOL = 50
"""Number of batches whose utterances are sorted by length together; larger pools pad less and mix less."""


def shuffled(samples: Sequence[int], batch_size: int, seed: Sequence[int]) -> Batches:
    """Return each utterance's position once, in batches of similar length, in an order drawn from the seed."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(samples))
    batches: Batches = []
    for begin in range(0, len(order), _POOL * batch_size):
        pool = order[begin : begin + _POOL * batch_size]
        batches += _cut(pool[np.argsort(np.asarray(samples)[pool], kind="stable")].tolist(), batch_size)
    return [batches[position] for position in random.permutation(len(batches))]


def _cut(positions: list[int], size: int) -> Batches:
    return [positions[begin : begin + size] for begin in range(0, len(positions), size)]
