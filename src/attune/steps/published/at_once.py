"""How many training runs this machine can do in parallel."""

import torch

from attune import machine
from attune.params import Compute

MEMORY = 2 * 2**30
"""Bytes that a training run is assumed to take."""


def at_once(compute: Compute, per_core: float = 1.0) -> int:
    """Return as many training runs as cores and memory allow; on a GPU one, since all would share it.

    Args:
        per_core: training runs that take turns on a core, where there are several cores.
    """
    cores = machine.cores() // compute.threads
    if cores < 2 or (compute.device != "cpu" and torch.cuda.is_available()):
        return 1
    return max(1, min(int(cores * per_core), machine.free_memory() // MEMORY))
