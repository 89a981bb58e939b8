"""What fails only because somebody else wrote at the same moment is tried again, and nothing else is."""

import sqlite3

import pytest
from mlflow.exceptions import MlflowException
from mlflow.tracking._model_registry.utils import _get_store
from sqlalchemy import event

from attune.errors import AttuneError
from attune.tracking import client as mlflow_client
from attune.tracking.patience import patiently


@pytest.fixture
def model(here):
    client = mlflow_client.connect()
    client.create_registered_model("attune")
    client.create_model_version("attune", str(here))
    client.create_model_version("attune", str(here))
    return client


@pytest.fixture
def overtaken(here, model):
    """The first to set an alias, but that somebody else sets it between MLflow's look and its insert; says how often it
    tried."""
    tries = []

    def overtake(connection, cursor, statement, *_):
        if statement.startswith("INSERT INTO registered_model_aliases"):
            tries.append(statement)
            if len(tries) == 1:
                with sqlite3.connect(here / "mlflow.db") as other:
                    other.execute(
                        "INSERT INTO registered_model_aliases (workspace, name, alias, version)"
                        " SELECT workspace, name, 'champion', 1 FROM registered_models"
                    )

    engine = _get_store().engine
    event.listen(engine, "before_cursor_execute", overtake)
    yield tries
    event.remove(engine, "before_cursor_execute", overtake)


def test_two_who_set_the_first_alias_at_once_both_succeed(model, overtaken):
    patiently(lambda: model.set_registered_model_alias("attune", "champion", "2"))
    assert len(overtaken) == 1
    assert str(model.get_model_version_by_alias("attune", "champion").version) == "2"


def test_without_patience_the_second_fails_with_that_very_collision(model, overtaken):
    with pytest.raises(MlflowException, match="UNIQUE constraint failed: registered_model_aliases"):
        model.set_registered_model_alias("attune", "champion", "2")


def test_a_fault_that_stays_is_not_tried_again(model):
    tries = []
    with pytest.raises(AttuneError, match="nobody"):
        patiently(lambda: (tries.append(1), model.set_registered_model_alias("nobody", "champion", "2")))
    assert len(tries) == 1


@pytest.mark.parametrize(
    "said",
    [
        "Max retries exceeded (Caused by ResponseError('too many 500 error responses'))",
        "Max retries exceeded (Caused by ResponseError('too many 503 error responses'))",
        "Model Version creation error (name=attune). Giving up after 3 attempts.",
    ],
)
def test_collisions_are_known_behind_a_server_too_and_slow_tries_are_still_several(said, monkeypatch):
    monkeypatch.setattr("attune.tracking.patience._PATIENCE", 0.0)
    tries = []

    def collide():
        tries.append(1)
        if len(tries) < 4:
            raise MlflowException(said)
        return "done"

    assert patiently(collide) == "done"
