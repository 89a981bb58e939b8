"""Log metrics, parameters and inputs to an MLflow run."""

import json
import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient

_AT_ONCE = 500  # metrics in one request; the server accepts 1000
_DIGEST = 36  # characters that MLflow accepts
_JOINT = "joint"  # the only network of a multi-task system, whose numbers need no prefix
CURVES = "learning"
"""The section of MLflow's page with the learning curves: sections are sorted by name, and this precedes the scores."""


class Measurement(NamedTuple):
    """A metric's name, its value and its step."""

    name: str
    value: float
    step: int


def epochs(history: "pd.DataFrame") -> list[Measurement]:
    """Return every metric in the history.csv of a training run."""
    return [number for row in history.to_dict("records") for number in epoch({str(k): v for k, v in row.items()})]


def epoch(row: Mapping[str, Any]) -> Iterator[Measurement]:
    """Yield the metrics of one row of a history, prefixed with the network's name if the system has several."""
    prefix = CURVES if row["network"] == _JOINT else f"{CURVES}/{row['network']}"
    for name, value in row.items():
        if name not in ("network", "epoch") and value is not None and not math.isnan(value):
            yield Measurement(f"{prefix}/{name}", float(value), int(row["epoch"]))


def flat_scores(scores: Mapping[str, Any], partition: str) -> Iterator[Measurement]:
    """Yield {task: {score: {value, low, high, n}}} as metrics: `test/arousal/uar`, `test intervals/arousal uar low`.

    MLflow groups all metrics with the same text before the last slash in one section of its page.
    """
    for task, by_score in scores.items():
        for score, numbers in by_score.items():
            names = {"value": f"{partition}/{task}/{score}"}
            names |= {end: f"{partition} intervals/{task} {score} {end}" for end in ("low", "high")}
            for part, name in names.items():
                if numbers.get(part) is not None:
                    yield Measurement(name, float(numbers[part]), 0)


def logged(client: "MlflowClient", run_id: str) -> set[Measurement]:
    """Return every metric of a run."""
    return {
        Measurement(name, metric.value, metric.step)
        for name in client.get_run(run_id).data.metrics
        for metric in client.get_metric_history(run_id, name)
    }


def log_metrics(
    client: "MlflowClient", run_id: str, measurements: Iterable[Measurement], milliseconds: int | None = None
) -> None:
    """Log metrics with the given time, or now."""
    from mlflow.entities import Metric

    when = milliseconds or time.time_ns() // 1_000_000
    for some in _in_batches(list(measurements)):
        client.log_batch(run_id, metrics=[Metric(number.name, number.value, when, number.step) for number in some])


def log_scores_of_model(
    client: "MlflowClient", run_id: str, model: str, scores: Mapping[str, Any], data: tuple[str, str] | None
) -> None:
    """Log test scores on a logged model, so that MLflow shows them with it, linked to the data they were computed on.

    Args:
        model: id of the logged model.
        scores: {task: {score: {value, low, high, n}}}.
        data: path and md5 of the data, as logged by `log_inputs`.
    """
    from mlflow.entities import Metric

    now = time.time_ns() // 1_000_000
    dataset = {"dataset_name": data[0], "dataset_digest": data[1][:_DIGEST]} if data else {}
    about = {"model_id": model, "run_id": run_id, **dataset}
    numbers = flat_scores(scores, "model/test")
    client.log_batch(run_id, metrics=[Metric(one.name, one.value, now, one.step, **about) for one in numbers])


def log_params(client: "MlflowClient", run_id: str, values: Mapping[str, Any]) -> None:
    """Log nested parameters under dotted names, such as `train.learning_rate`."""
    from mlflow.entities import Param

    client.log_batch(run_id, params=[Param(name, text) for name, text in flat(values).items()])


def flat(values: Mapping[str, Any]) -> dict[str, str]:
    """Return nested parameters as MLflow keeps them: text by dotted name."""
    return {name: str(value) for name, value in _flat(values)}


def log_inputs(client: "MlflowClient", run_id: str, md5: Mapping[str, str]) -> None:
    """Log the graph's data (data/..., or a pipeline's corpus) as dataset inputs, with DVC's md5 as digest."""
    from mlflow.entities import Dataset, DatasetInput

    datasets = [
        Dataset(path, digest[:_DIGEST], source_type="dvc", source=json.dumps({"path": path, "md5": digest}))
        for path, digest in md5.items()
        if Path(path).parts[0] in ("data", "corpus")
    ]
    if datasets:
        client.log_inputs(run_id, [DatasetInput(dataset) for dataset in datasets])


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _in_batches(measurements: Sequence[Measurement]) -> Iterator[Sequence[Measurement]]:
    for start in range(0, len(measurements), _AT_ONCE):
        yield measurements[start : start + _AT_ONCE]
