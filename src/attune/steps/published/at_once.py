"""How many training runs this machine can do in parallel."""

import torch

from attune import machine
from attune.params import Compute

MEMORY = 2 * 2**30
"""Bytes that a training run is assumed to take."""


def at_once(compute: Compute) -> int:
    """Return as many training runs as cores and memory allow; on a GPU one, since all would share it."""
    if compute.device != "cpu" and torch.cuda.is_available():
        return 1
    return max(1, min(machine.cores() // compute.threads, machine.free_memory() // MEMORY))
