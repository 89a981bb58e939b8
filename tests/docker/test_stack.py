"""The local stack in a real engine: what goes in through MLflow lies in PostgreSQL and S3, and is there tomorrow."""

import os
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from engine import ROOT, script
from mlflow import MlflowClient
from ports import free_port

pytestmark = [pytest.mark.containers, pytest.mark.slow]

PROJECT = f"attune-test-{os.getpid()}"


@pytest.fixture(scope="module")
def ports() -> dict[str, str]:
    return {"MLFLOW_PORT": str(free_port()), "S3_PORT": str(free_port())}


@pytest.fixture(scope="module")
def stack(engine, ports):
    """A stack of its own, beside one that the developer may have running; erased afterwards."""
    try:
        yield script("stack", "up", STACK=PROJECT, **ports)
    finally:
        script("stack", "erase", STACK=PROJECT, **ports)


@pytest.fixture(scope="module")
def secrets(stack) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (ROOT / "docker/stack.env").read_text().splitlines())


@pytest.fixture(scope="module")
def tracked(stack, ports, tmp_path_factory) -> str:
    """A run with a metric and an artifact, and a registered version of it under an alias; the run's id."""
    client = MlflowClient(f"http://127.0.0.1:{ports['MLFLOW_PORT']}")
    run = client.create_run(client.create_experiment("stack")).info
    client.log_metric(run.run_id, "uar", 0.61)
    weights = tmp_path_factory.mktemp("artifact") / "weights.bin"
    weights.write_bytes(b"weights" * 1000)
    client.log_artifact(run.run_id, str(weights), "model")
    client.create_registered_model("attune")
    client.create_model_version("attune", f"{run.artifact_uri}/model", run.run_id)
    client.set_registered_model_alias("attune", "candidate", "1")
    return run.run_id


def _s3(ports, key: str, secret: str):
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{ports['S3_PORT']}",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        region_name="us-east-1",
        config=Config(request_checksum_calculation="when_required", response_checksum_validation="when_required"),
    )


def _containers(engine, service: str) -> list[str]:
    labels = (f"project={PROJECT}", f"service={service}")
    filters = [word for label in labels for word in ("--filter", f"label=com.docker.compose.{label}")]
    return engine("ps", "--quiet", *filters).stdout.split()


def test_says_where_everything_is(stack, ports):
    assert f"MLFLOW_TRACKING_URI=http://127.0.0.1:{ports['MLFLOW_PORT']}" in stack


def test_the_artifact_lies_in_s3(tracked, ports, secrets):
    client = _s3(ports, secrets["AWS_ACCESS_KEY_ID"], secrets["AWS_SECRET_ACCESS_KEY"])
    [held] = client.list_objects_v2(Bucket="mlflow")["Contents"]
    assert held["Key"].endswith(f"{tracked}/artifacts/model/weights.bin")
    assert held["Size"] == 7000


def test_s3_refuses_a_wrong_secret(ports, secrets):
    with pytest.raises(ClientError, match=r"403|SignatureDoesNotMatch|AccessDenied"):
        _s3(ports, secrets["AWS_ACCESS_KEY_ID"], "wrong").list_objects_v2(Bucket="mlflow")


def test_the_run_lies_in_postgresql(tracked, engine):
    [container] = _containers(engine, "postgres")
    query = "select key, value from metrics"
    psql = ("psql", "--host=/tmp", "--username=attune", "--dbname=mlflow", "--no-align", "--tuples-only", "--command")
    rows = engine("exec", container, *psql, query)
    assert rows.stdout.strip() == "uar|0.61", rows.stderr


def test_no_secret_shows_in_a_command_line(tracked, engine, secrets):
    containers = [container for name in ("postgres", "s3", "mlflow") for container in _containers(engine, name)]
    assert len(containers) == 3
    commands = "".join(engine("top", container, "-eo", "pid,args").stdout for container in containers)
    assert "mlflow" in commands
    assert not [name for name, value in secrets.items() if value in commands]


def test_what_it_holds_outlives_a_stop(tracked, ports, tmp_path):
    script("stack", "down", STACK=PROJECT, **ports)
    script("stack", "up", STACK=PROJECT, **ports)
    client = MlflowClient(f"http://127.0.0.1:{ports['MLFLOW_PORT']}")
    version = client.get_model_version_by_alias("attune", "candidate")
    assert version.run_id == tracked
    weights = client.download_artifacts(tracked, "model/weights.bin", str(tmp_path))
    assert Path(weights).read_bytes() == b"weights" * 1000
