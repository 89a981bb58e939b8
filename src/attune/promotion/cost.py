"""What a registered model costs, measured on the spot: megabytes to keep, time to answer."""

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune.errors import AttuneError
from attune.promotion.policy import Cost
from attune.registry import versions
from attune.tracking.client import answering

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

SECONDS = 4.0
_RATE = 16_000
_REPEATS = 3


def measure(version: "ModelVersion") -> Cost:
    """Fetch a version, and time it on a few seconds of generated audio: one row at a time, the quickest of three.

    The quickest, because what else the machine does can only slow it down.

    Raises:
        AttuneError: its files cannot be fetched, or it does not load or answer.
    """
    import mlflow

    with tempfile.TemporaryDirectory(prefix="attune-") as folder:
        try:
            with answering():
                uri = f"models:/{version.name}/{version.version}"
                files = Path(mlflow.artifacts.download_artifacts(uri, dst_path=folder))
        except OSError as error:
            raise AttuneError(f"its model cannot be fetched ({error})") from None
        size = sum(file.stat().st_size for file in files.rglob("*") if file.is_file())
    return Cost(size / 1e6, _latency(versions.load(version)))


def _latency(model: Any) -> float:
    """Seconds per second of audio."""
    from mlflow.exceptions import MlflowException

    request = _request()
    try:
        model.predict(request)  # the first call also prepares
    except MlflowException as error:
        raise AttuneError(f"does not answer ({error})") from None
    return min(_timed(model, request) for _ in range(_REPEATS)) / SECONDS


def _timed(model: Any, request: Any) -> float:
    began = time.perf_counter()
    model.predict(request)
    return time.perf_counter() - began


def _request() -> Any:
    """A tone in noise; what it is does not change how long it takes."""
    import numpy as np
    import pandas as pd

    when = np.arange(round(SECONDS * _RATE)) / _RATE
    noise = np.random.default_rng(1).normal(0, 0.05, len(when))
    samples = (0.3 * np.sin(2 * np.pi * 150 * when) + noise).clip(-1, 1).tolist()
    return pd.DataFrame({"samples": [samples], "rate": [_RATE]})
