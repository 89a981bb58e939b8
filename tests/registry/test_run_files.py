"""Files of a run: where the store of artifacts does not answer, nothing is said to be missing."""

import pytest
from click.testing import CliRunner
from ports import free_port
from registry_samples import voice, write_wav

from attune import tags
from attune.cli import app
from attune.errors import AttuneError
from attune.registry import run_files
from attune.tracking import client as mlflow_client


@pytest.fixture
def run_id(here):
    client = mlflow_client.connect()
    made = client.create_run(mlflow_client.experiment_id(client)).info.run_id
    client.log_text(made, "{}", "lineage/lineage.json")
    return made


@pytest.mark.parametrize("path", ["lineage/gone.json", "lineage", "nothing/x", "../x", "lineage/../../x", ""])
def test_a_file_that_is_not_there_is_none(run_id, path):
    assert run_files.fetch(mlflow_client.connect(), run_id, path) is None


def test_a_run_that_is_not_there_has_no_files(here):
    assert run_files.fetch(mlflow_client.connect(), "0" * 32, "lineage/lineage.json") is None


def test_a_file_that_is_there_comes(run_id, tmp_path):
    found = run_files.fetch(mlflow_client.connect(), run_id, "lineage/lineage.json", tmp_path)
    assert found == tmp_path / "lineage/lineage.json"
    assert found.read_text() == "{}"


@pytest.fixture
def far(here, monkeypatch):
    """A version whose run keeps its artifacts in an S3 that does not answer."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    client = mlflow_client.connect()
    run_id = client.create_run(client.create_experiment("far", "s3://bucket/runs")).info.run_id
    client.create_registered_model("attune")
    own = {tags.LINEAGE: f"runs:/{run_id}/lineage/lineage.json", tags.SYSTEM: "mtl-att"}
    own[tags.PREDICTIONS] = f"runs:/{run_id}/evaluation/predictions.parquet"
    client.create_model_version("attune", "s3://bucket/model", run_id, tags=own)
    return here


@pytest.mark.parametrize(
    "command", ["versions", "card 1", "lineage 1", "compare 1 1", "promote 1", "score --model 1 a.wav"]
)
def test_a_store_that_does_not_answer_is_named_by_every_command(far, command):
    (far / "params.yaml").write_text("{}")
    write_wav(far / "a.wav", voice(0.3))
    error = CliRunner().invoke(app, command.split()).exception
    assert isinstance(error, AttuneError)
    assert "the store of artifacts: S3 does not answer" in str(error)
    assert mlflow_client.connect().get_model_version("attune", "1").tags.keys() == {
        tags.LINEAGE, tags.SYSTEM, tags.PREDICTIONS
    }  # fmt: skip
