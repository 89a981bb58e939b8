"""What this machine has to spare for this process."""

import os


def cores() -> int:
    """Cores that this process may use; all there are where the system, as macOS, does not restrict it to some."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def free_memory() -> int:
    """Bytes that can be had without swapping."""
    import psutil

    return int(psutil.virtual_memory().available)
