"""How many training runs this machine holds side by side."""

import torch

from attune import machine
from attune.params import Compute

MEMORY = 2 * 2**30
"""Bytes that a training run is reckoned to take."""


def at_once(compute: Compute) -> int:
    """As many training runs as there are cores and memory for; on a GPU one, for it is shared by all."""
    if compute.device != "cpu" and torch.cuda.is_available():
        return 1
    return max(1, min(machine.cores() // compute.threads, machine.free_memory() // MEMORY))
