"""Where MLflow is, and what is said when it is not there."""

import time

import pytest

from attune.errors import AttuneError
from attune.tracking import address
from attune.tracking import client as mlflow_client

pytestmark = pytest.mark.slow


def test_unset_means_the_database_here(here):
    client = mlflow_client.connect()
    experiment = client.get_experiment(mlflow_client.experiment_id(client))
    assert (here / "mlflow.db").exists()
    assert experiment.name == "attune"
    assert experiment.artifact_location.endswith("/mlartifacts")


def test_the_platform_chooses_the_experiment(here, monkeypatch):
    client = mlflow_client.connect()
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "emotion")
    chosen = mlflow_client.experiment_id(client)
    assert client.get_experiment(chosen).name == "emotion"
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "another")
    monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", chosen)
    assert mlflow_client.experiment_id(client) == chosen


def test_an_unreachable_server_is_one_message_soon(here, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ada:secret@127.0.0.1:9")
    mlflow_client.quieten()  # which imports MLflow
    began = time.monotonic()
    with pytest.raises(AttuneError, match="MLFLOW_TRACKING_URI") as caught:
        mlflow_client.connect()
    assert time.monotonic() - began < 100, "MLflow's own patience is minutes"
    assert "127.0.0.1:9" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_database_that_is_none_is_one_message(here):
    (here / "mlflow.db").write_text("this is not a database, it is a file of text that is long enough to be read")
    with pytest.raises(AttuneError, match=r"mlflow\.db"):
        mlflow_client.connect()


def test_a_password_is_not_shown():
    hidden = address.without_password("cannot reach https://ada:secret@mlflow.example.org/x")
    assert hidden == "cannot reach https://mlflow.example.org/x"
    assert address.without_password("sqlite:///mlflow.db") == "sqlite:///mlflow.db"


@pytest.mark.parametrize(
    "given",
    [
        "postgresql://ada:secret/it@host/db",
        "postgresql+psycopg2://ada:a@secret:5/@host/db",
        "http://ada:a@secret@host/db",
        "postgresql://host/db?user=ada&password=secret",
    ],
)
def test_a_password_with_signs_of_an_address_in_it_is_not_shown(given):
    shown = address.without_password(f"cannot reach {given} (refused)")
    assert "secret" not in shown
    assert "://host/db" in shown
    assert shown.endswith(" (refused)")


def test_the_sign_of_an_alias_is_no_end_of_a_password():
    page = "http://host:5000/#/models/attune@champion and models:/attune@champion"
    assert address.without_password(page) == page


def test_mlflow_says_nothing_not_even_where_it_makes_its_database(new_database):
    assert new_database.said == ("", "")


def test_a_time_out_that_is_no_number_is_one_message(here, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "0.5")
    with pytest.raises(AttuneError, match=r"MLFLOW_HTTP_REQUEST_TIMEOUT: must be a whole number, got '0\.5'"):
        mlflow_client.connect()
