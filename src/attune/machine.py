"""The machine's resources that are available to this process."""

import os


def cores() -> int:
    """Return the number of cores this process may use; all of them on systems without CPU affinity, such as macOS."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def free_memory() -> int:
    """Return the bytes of memory available without swapping."""
    import psutil

    return int(psutil.virtual_memory().available)
