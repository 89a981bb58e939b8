"""What goes into a run of MLflow, and how: numbers, parameters, inputs."""

import json
import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient

_AT_ONCE = 500  # metrics in one request; the server takes 1000
_DIGEST = 36  # characters that MLflow takes
_JOINT = "joint"  # the only network of a multi-task system, whose numbers need no prefix
CURVES = "learning"
"""The section of MLflow's page with the curves: sections are sorted by name, and this one comes before the scores."""


class Measurement(NamedTuple):
    """A metric's name, its value and its step."""

    name: str
    value: float
    step: int


def epochs(history: "pd.DataFrame") -> list[Measurement]:
    """Every number of a training's history.csv."""
    return [number for row in history.to_dict("records") for number in epoch({str(k): v for k, v in row.items()})]


def epoch(row: Mapping[str, Any]) -> Iterator[Measurement]:
    """The numbers of one row of a history, under its network's name where a system has several networks."""
    prefix = CURVES if row["network"] == _JOINT else f"{CURVES}/{row['network']}"
    for name, value in row.items():
        if name not in ("network", "epoch") and value is not None and not math.isnan(value):
            yield Measurement(f"{prefix}/{name}", float(value), int(row["epoch"]))


def flat_scores(scores: Mapping[str, Any], partition: str) -> Iterator[Measurement]:
    """{task: {score: {value, low, high, n}}} as metrics: `test/arousal/uar`, and `test intervals/arousal uar low`.

    MLflow makes a section of its page of all that has the same words before the last slash.
    """
    for task, by_score in scores.items():
        for score, numbers in by_score.items():
            names = {"value": f"{partition}/{task}/{score}"}
            names |= {end: f"{partition} intervals/{task} {score} {end}" for end in ("low", "high")}
            for part, name in names.items():
                if numbers.get(part) is not None:
                    yield Measurement(name, float(numbers[part]), 0)


def logged(client: "MlflowClient", run_id: str) -> set[Measurement]:
    """Every number a run has."""
    return {
        Measurement(name, metric.value, metric.step)
        for name in client.get_run(run_id).data.metrics
        for metric in client.get_metric_history(run_id, name)
    }


def log_metrics(
    client: "MlflowClient", run_id: str, measurements: Iterable[Measurement], milliseconds: int | None = None
) -> None:
    """Log numbers, as of now or of the time given."""
    from mlflow.entities import Metric

    when = milliseconds or time.time_ns() // 1_000_000
    for some in _in_batches(list(measurements)):
        client.log_batch(run_id, metrics=[Metric(number.name, number.value, when, number.step) for number in some])


def log_scores_of_model(
    client: "MlflowClient", run_id: str, model: str, scores: Mapping[str, Any], data: tuple[str, str] | None
) -> None:
    """Log test scores as those of a logged model, which so shows them and links to the data they were made on.

    Args:
        model: id of the logged model.
        scores: {task: {score: {value, low, high, n}}}.
        data: path and md5 of the data, as `log_inputs` logged them.
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

    client.log_batch(run_id, params=[Param(name, str(value)) for name, value in _flat(values)])


def log_inputs(client: "MlflowClient", run_id: str, md5: Mapping[str, str]) -> None:
    """Log the graph's data (data/..., or the corpus a pipeline was given) as dataset inputs, DVC's md5 as digest."""
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
