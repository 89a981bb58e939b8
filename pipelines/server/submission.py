"""Upload a pipeline and start a run of it, each exactly once however often a request has to be repeated."""

import secrets
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from kfp_server_api import (
    ExperimentServiceApi,
    PipelineServiceApi,
    PipelineUploadServiceApi,
    RunServiceApi,
    V2beta1Experiment,
    V2beta1Pipeline,
    V2beta1PipelineVersionReference,
    V2beta1Run,
    V2beta1RuntimeConfig,
)

from pipelines.package import Package
from pipelines.server.calls import Server, make, read
from pipelines.server.filters import named

EXPERIMENT = "attune"


class Order(NamedTuple):
    """An order for a run: everything sent to the server except the pipeline itself."""

    name: str
    """Of the run; unique."""
    arguments: dict[str, Any]
    experiment: str = EXPERIMENT
    service_account: str | None = None
    pipeline_root: str | None = None


def fresh_name(package: Package) -> str:
    """Return a unique name: two people may submit the same pipeline in the same second."""
    return f"{package.name}-{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def upload(server: Server, package: Package) -> V2beta1PipelineVersionReference:
    """Upload the pipeline as a version named by its content, unless it is there already.

    Raises:
        AttuneError: the server refused, or does not answer.
    """
    pipeline_id = _pipeline(server, package.name).pipeline_id
    versions = PipelineServiceApi(server.client)

    def find() -> Any:
        what = f"versions of {package.name}"
        listed = read(
            server, what, versions.pipeline_service_list_pipeline_versions, pipeline_id, filter=named(package.version)
        )
        return _first(listed.pipeline_versions)

    version = find() or _upload(server, package, pipeline_id, find)
    return V2beta1PipelineVersionReference(pipeline_id=pipeline_id, pipeline_version_id=version.pipeline_version_id)


def _pipeline(server: Server, name: str) -> Any:
    pipelines = PipelineServiceApi(server.client)
    there = {"namespace": server.namespace} if server.namespace else {}

    def find() -> Any:
        listed = read(
            server, f"pipeline {name}", pipelines.pipeline_service_list_pipelines, filter=named(name), **there
        )
        return _first(listed.pipelines)

    new = V2beta1Pipeline(display_name=name, name=name, namespace=server.namespace)
    return find() or make(server, f"pipeline {name}", find, pipelines.pipeline_service_create_pipeline, new)


def _upload(server: Server, package: Package, pipeline_id: str, find: Callable[[], Any]) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pipeline.yaml"
        package.write(path)
        send = PipelineUploadServiceApi(server.client).upload_pipeline_version
        what = f"upload of {package.name} {package.version}"
        return make(server, what, find, send, str(path), name=package.version, pipelineid=pipeline_id)


def fresh_nonce() -> str:
    """Return text that distinguishes a run created by one call from all others."""
    return f"submitted by attune, {secrets.token_hex(8)}"


def start(server: Server, version: V2beta1PipelineVersionReference, order: Order, nonce: str = "") -> V2beta1Run:
    """Start a run, or find the one that already has its name.

    A slow server may create a run after the request was repeated, and somebody else may start a run of the same name at
    the same time. Surplus runs created by this call, recognised by the nonce, are terminated; nobody else's ever are.

    Args:
        nonce: from `fresh_nonce`; the run's description if this call created it.

    Raises:
        AttuneError: the server refused, or does not answer.
    """
    experiment_id = experiment(server, order.experiment).experiment_id
    runs, what, nonce = RunServiceApi(server.client), f"run {order.name}", nonce or fresh_nonce()

    def find_all() -> list[Any]:
        listed = read(server, what, runs.run_service_list_runs, experiment_id=experiment_id, filter=named(order.name))
        return sorted(listed.runs or [], key=lambda run: (str(run.created_at), run.run_id))

    def find() -> Any:
        return _first(find_all())

    new = V2beta1Run(
        experiment_id=experiment_id,
        display_name=order.name,
        description=nonce,
        pipeline_version_reference=version,
        runtime_config=V2beta1RuntimeConfig(parameters=order.arguments, pipeline_root=order.pipeline_root),
        service_account=order.service_account,
    )
    made = find() or make(server, what, find, runs.run_service_create_run, new)
    first, *later = find_all() or [made]
    for run in later:
        if run.description == nonce:
            read(server, f"termination of {run.run_id}", runs.run_service_terminate_run, run.run_id)
    return first


def experiment(server: Server, name: str) -> V2beta1Experiment:
    """Return the experiment of that name; create it if there is none.

    Raises:
        AttuneError: the server refused, there is no such namespace, or no answer.
    """
    experiments, what = ExperimentServiceApi(server.client), f"experiment {name}"
    there = {"namespace": server.namespace} if server.namespace else {}

    def find() -> Any:
        listed = read(server, what, experiments.experiment_service_list_experiments, filter=named(name), **there)
        return _first(listed.experiments)

    new = V2beta1Experiment(display_name=name, namespace=server.namespace)
    return find() or make(server, what, find, experiments.experiment_service_create_experiment, new)


def _first(found: list[Any] | None) -> Any:
    return found[0] if found else None
