"""System metrics during training: MLflow's own monitors, read periodically by the sender."""

import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from attune.tracking.sending import spool

EVERY = 10.0
"""Seconds between two readings."""


class Watch:
    """Adds system metrics to the events of every training run in progress."""

    def __init__(self) -> None:
        self._monitors: list[Any] | None = None
        self._next = 0.0

    def look(self, running: list[Path]) -> None:
        """Append CPU, memory and GPU metrics to these files, if the interval has passed."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY
        if self._monitors is None:
            self._monitors = _monitors()
        numbers: dict[str, float] = {}
        for monitor in self._monitors:
            monitor.collect_metrics()
            numbers |= monitor.aggregate_metrics()
            monitor.clear_metrics()
        for path in running if numbers else ():
            with path.open("ab", buffering=0) as file:
                spool.append(file, {"system": numbers, "step": _step(path)})


def _step(path: Path) -> int:
    """Return the number of intervals since the training run began; its file is named by that time in nanoseconds."""
    seconds = time.time_ns() / 1e9 - int(path.name.partition("-")[0]) / 1e9
    return max(0, int(seconds / EVERY))  # a clock may be set back


def _monitors() -> list[Any]:
    """Return the CPU and GPU monitors that are available."""
    found = []
    for module, name in (("cpu_monitor", "CPUMonitor"), ("gpu_monitor", "GPUMonitor")):
        with suppress(ImportError, RuntimeError):  # psutil or NVIDIA's library is not installed, or there is no GPU
            found.append(getattr(import_module(f"mlflow.system_metrics.metrics.{module}"), name)())
    return found
