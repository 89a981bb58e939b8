"""Close MLflow runs that a pipeline run left open, from outside the step that opened them."""

from typing import TYPE_CHECKING

from attune.tags import PARENT, PIPELINE_RUN
from attune.tracking import address
from attune.tracking import client as mlflow_client

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run


def close_runs(pipeline_run: str, *, succeeded: bool) -> int:
    """Set the status of every MLflow run that this pipeline run left open, nested ones too, to the pipeline's outcome.

    A step that ends, successfully or not, closes its own runs; these belong to a step that was killed.

    Args:
        pipeline_run: id of the Kubeflow run, a tag of its MLflow run.

    Returns:
        How many were closed; 0 if nothing was ever tracked here.

    Raises:
        AttuneError: MLflow does not answer.
    """
    file = address.database()
    if file and not file.exists():
        return 0
    client = mlflow_client.connect()
    with mlflow_client.answering():
        experiment = mlflow_client.experiment_id(client)
        own = _find(client, experiment, f"tags.`{PIPELINE_RUN}` = '{pipeline_run}'")
        nested = [run for parent in own for run in _find(client, experiment, _nested_in(parent))]
        left = [run.info.run_id for run in [*nested, *own] if run.info.status == "RUNNING"]
        for run_id in left:
            client.set_terminated(run_id, "FINISHED" if succeeded else "FAILED")
    return len(left)


def _nested_in(parent: "Run") -> str:
    return f"tags.`{PARENT}` = '{parent.info.run_id}'"


def _find(client: "MlflowClient", experiment: str, condition: str) -> "list[Run]":
    return list(client.search_runs([experiment], condition, max_results=1000))
