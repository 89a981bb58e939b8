"""Runs in MLflow: one parent per execution of the graph, nested ones per system and fold."""

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from attune.params import Params
from attune.registry.client import experiment_id
from attune.registry.lineage import PIPELINE_RUN

if TYPE_CHECKING:
    from mlflow import MlflowClient

_AT_ONCE = 500  # metrics in one request; the server takes 1000
_DIGEST = 36  # characters that MLflow takes
_LABELS = ("network", "epoch")


@contextmanager
def parent(client: "MlflowClient", params: Params) -> Iterator[str]:
    """The run of this execution, by id: begun here and ended as it ends, or begun and ended by the platform.

    The platform's is the one that MLFLOW_RUN_ID names.
    """
    if given := os.environ.get("MLFLOW_RUN_ID"):
        yield str(client.get_run(given).info.run_id)
        return
    name = f"{params.protocol} {' '.join(params.systems)}"
    pipeline_run = os.environ.get(PIPELINE_RUN)
    tags = {"attune.pipeline_run": pipeline_run} if pipeline_run else {}
    run_id = str(client.create_run(experiment_id(client), run_name=name, tags=tags).info.run_id)
    try:
        yield run_id
    except BaseException:
        client.set_terminated(run_id, "FAILED")
        raise
    client.set_terminated(run_id)


def log_cell(
    client: "MlflowClient",
    parent_id: str,
    *,
    params: Params,
    system: str,
    fold: str,
    folder: Path,
    scores: dict[str, Any],
) -> str:
    """Record one trained model as a run nested in another; return its id.

    Args:
        folder: written by `attune train`.
        scores: {task: {score: {value, low, high, n}}} on the fold's test partition.
    """
    experiment = client.get_run(parent_id).info.experiment_id
    tags = {"mlflow.parentRunId": parent_id, "attune.system": system, "attune.fold": fold}
    run_id = str(client.create_run(experiment, run_name=f"{system} {fold}", tags=tags).info.run_id)
    sections = params.model_dump(mode="json", by_alias=True, include={"protocol", "compute", "train"})
    log_params(client, run_id, {"system": system, "fold": fold, **sections})
    log_metrics(client, run_id, [*epochs(pd.read_csv(folder / "history.csv")), *flat_scores(scores, "test")])
    client.log_artifact(run_id, str(folder / "model.json"), "model")
    client.log_artifact(run_id, str(folder / "history.csv"), "model")
    client.set_terminated(run_id)
    return run_id


Measurement = tuple[str, float, int]
"""A metric's name, its value and its step."""


def epochs(history: pd.DataFrame) -> Iterator[Measurement]:
    """Every number of a training history; by network where the system has several."""
    several = history["network"].nunique() > 1
    for row in history.to_dict("records"):
        prefix = f"{row['network']}/" if several else ""
        for name, value in row.items():
            if name not in _LABELS and pd.notna(value):
                yield f"{prefix}{name}", float(value), int(row["epoch"])


def flat_scores(scores: dict[str, Any], partition: str) -> Iterator[Measurement]:
    """{task: {score: {value, low, high, n}}} as metrics: `test/arousal/uar`, and its interval beside it."""
    for task, by_score in scores.items():
        for score, numbers in by_score.items():
            name = f"{partition}/{task}/{score}"
            for part, suffix in (("value", ""), ("low", "/low"), ("high", "/high")):
                if numbers.get(part) is not None:
                    yield f"{name}{suffix}", float(numbers[part]), 0


def log_metrics(client: "MlflowClient", run_id: str, measurements: Sequence[Measurement]) -> None:
    from mlflow.entities import Metric

    now = time.time_ns() // 1_000_000
    for some in _in_batches(measurements):
        client.log_batch(run_id, metrics=[Metric(name, value, now, step) for name, value, step in some])


def log_params(client: "MlflowClient", run_id: str, values: dict[str, Any]) -> None:
    """Log nested parameters under dotted names, such as `train.learning_rate`."""
    from mlflow.entities import Param

    client.log_batch(run_id, params=[Param(name, str(value)) for name, value in _flat(values)])


def log_inputs(client: "MlflowClient", run_id: str, md5: dict[str, str]) -> None:
    """Log the graph's data (data/..., or the corpus a pipeline was given) as dataset inputs, DVC's md5 as digest."""
    from mlflow.entities import Dataset, DatasetInput

    datasets = [
        Dataset(path, digest[:_DIGEST], source_type="dvc", source=json.dumps({"path": path, "md5": digest}))
        for path, digest in md5.items()
        if Path(path).parts[0] in ("data", "corpus")
    ]
    if datasets:
        client.log_inputs(run_id, [DatasetInput(dataset) for dataset in datasets])


def _flat(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _in_batches(measurements: Sequence[Measurement]) -> Iterator[Sequence[Measurement]]:
    for start in range(0, len(measurements), _AT_ONCE):
        yield measurements[start : start + _AT_ONCE]
