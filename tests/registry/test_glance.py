"""Asking the registry without MLflow: it agrees with MLflow, and says nothing where it cannot be sure."""

import os
import subprocess
import sys

import pytest

from attune.registry import glance, identity
from attune.tracking import client as mlflow_client

MODEL = "attune.model"


@pytest.fixture
def client(here):
    """The registry has `emo`: versions 1 and 2 are the model `a`, 3 is `b`, 4 was the model `c` and was deleted."""
    client = mlflow_client.connect()
    client.create_registered_model("emo")
    for model in ("a", "a", "b", "c"):
        client.create_model_version("emo", str(here / "model"), run_id=f"run-of-{model}", tags={MODEL: model})
    client.delete_model_version("emo", "4")
    client.set_registered_model_alias("emo", "candidate", "3")
    return client


@pytest.mark.parametrize("model", ["a", "b", "c", "d"])
def test_it_agrees_with_mlflow(client, model):
    seen, found = glance.look("emo", model), identity.find(client, "emo", model)
    assert (seen and (seen.version, seen.run_id)) == (found and (str(found.version), found.run_id))


def test_it_says_what_the_aliases_name(client):
    assert glance.look("emo", "b").aliases == {"candidate": "3"}
    assert glance.look("another", "b") is None


def test_a_database_that_is_none_is_left_to_mlflow(here):
    (here / "mlflow.db").write_text("this is no database " * 100)
    assert glance.look("emo", "a") is None
    (here / "mlflow.db").unlink()
    assert glance.look("emo", "a") is None
    assert not (here / "mlflow.db").exists()


@pytest.mark.parametrize("name", ["MLFLOW_REGISTRY_URI", "MLFLOW_TRACKING_AUTH", "KUBERNETES_SERVICE_HOST"])
def test_what_only_mlflow_understands_is_left_to_it(client, monkeypatch, name):
    monkeypatch.setenv(name, "something")
    assert glance.look("emo", "a") is None


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "postgresql://nobody@127.0.0.1:9/none", "databricks"])
def test_a_server_that_cannot_be_asked_like_this_is_left_to_mlflow(here, monkeypatch, address):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    assert glance.look("emo", "a") is None


def test_neither_mlflow_nor_torch_nor_pandas_is_imported(client):
    code = (
        "import sys; from attune.steps import register; from attune.registry import glance; "
        "assert glance.look('emo', 'a'); print([name for name in ('mlflow', 'torch', 'pandas') if name in sys.modules])"
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    done = subprocess.run([sys.executable, "-c", code], env=clean, capture_output=True, text=True, check=False)
    assert done.stdout == "[]\n", done.stderr
