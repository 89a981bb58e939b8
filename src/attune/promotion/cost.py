"""The cost of a registered model, measured once and kept as a tag: size in megabytes and CPU time per answer."""

import json
import math
from typing import TYPE_CHECKING, Any

from attune.errors import AttuneError
from attune.promotion.policy import Cost
from attune.registry import versions
from attune.registry.running import Running
from attune.signal import SAMPLE_RATE
from attune.tags import COST

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

SECONDS = 4.0
_FETCHED = "Bring its files back to the artifact store, or delete the version in MLflow and register the model again."
_REPEATS = 3


def measure(version: "ModelVersion") -> Cost:
    """Return the cost recorded in the version's tag, or else measure it now on generated audio.

    CPU time on one thread, one row at a time, the fastest of three: other load on the machine hardly counts.

    Raises:
        AttuneError: its files cannot be fetched, or it does not load or answer.
    """
    return recorded(version) or _measured(version)


def recorded(version: "ModelVersion") -> Cost | None:
    """Return the cost in the tag; None if it is missing or invalid."""
    try:
        found = Cost(**{name: float(value) for name, value in json.loads(version.tags[COST]).items()})
    except (KeyError, ValueError, TypeError, AttributeError):
        return None
    return found if all(math.isfinite(value) and value > 0 for value in found) else None


def _measured(version: "ModelVersion") -> Cost:
    try:
        files = versions.fetch(version)
        size = sum(file.stat().st_size for file in files.rglob("*") if file.is_file())
    except OSError as error:
        label = f"{version.name}/{version.version}"
        raise AttuneError(f"its model cannot be fetched ({error})", where=label, remedy=_FETCHED) from None
    with Running(files, f"{version.name}/{version.version}", threads=1) as model:
        return Cost(round(size / 1e6, 3), round(_latency(model), 6))


def _latency(model: Running) -> float:
    """Return seconds of CPU time per second of audio."""
    request = _request()
    times = []
    for _ in range(1 + _REPEATS):
        model.predict(request)
        times.append(model.processor_seconds)
    return min(times[1:]) / SECONDS  # the first call is a warm-up


def _request() -> Any:
    """Return a tone in noise; the content does not affect the time."""
    import numpy as np
    import pandas as pd

    when = np.arange(round(SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    noise = np.random.default_rng(1).normal(0, 0.05, len(when))
    samples = (0.3 * np.sin(2 * np.pi * 150 * when) + noise).clip(-1, 1).tolist()
    return pd.DataFrame({"samples": [samples], "rate": [SAMPLE_RATE]})
