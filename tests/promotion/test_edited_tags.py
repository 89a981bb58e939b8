"""Tags that somebody edited in MLflow: every command answers, or says in one message what is wrong."""

import json

import pytest
from click.testing import CliRunner
from promotion_samples import PARAMS, predictions, register

from attune.cli import app
from attune.errors import AttuneError
from attune.promotion import champion, cost, history, judge
from attune.promotion.policy import Cost
from attune.tracking import client as mlflow_client

pytestmark = pytest.mark.slow

BAD = {
    "garbage": "garbage",
    "huge": "9" * 4500,
    "deep": "[" * 3000,
    "another form": '{"test": [1e999]}',
    "a path": "runs:/../../../etc/passwd",
    "rich's markup": "[/red]",
    "no list": "true",
    "missing": None,
}
COMMANDS = ("versions", "lineage 2", "history", "compare 1 2", "card 2", "promote 2 --dry-run", "rollback --reason x")


@pytest.fixture
def client(here, monkeypatch):
    monkeypatch.setattr(cost, "measure", lambda version: Cost(1.0, 0.1))
    (here / "params.yaml").write_text(json.dumps({"evaluate": {"resamples": 50}}))
    client = mlflow_client.connect()
    for number in (1, 2):
        register(predictions(0.1 * number, per_dialog=2))
        judge.promote(client, PARAMS, str(number), force="to begin with")
    return client


def edit(client, model, value):
    """Every tag that the model's second version has."""
    for key in client.get_model_version(model, "2").tags:
        if value is None:
            client.delete_model_version_tag(model, "2", key)
        else:
            client.set_model_version_tag(model, "2", key, value)


def run(command):
    return CliRunner().invoke(app, command.split()).exception


@pytest.mark.parametrize("model", ["attune", "attune.history"])
def test_no_command_ends_in_a_traceback(client, model):
    allowed = (type(None), AttuneError, SystemExit)
    for name, value in BAD.items():
        edit(client, model, value)
        raised = {command: run(command) for command in COMMANDS}
        assert {command: error for command, error in raised.items() if not isinstance(error, allowed)} == {}, name


def test_the_order_of_the_history_is_that_of_its_numbers_whatever_clocks_say(client, monkeypatch):
    times = iter(range(2_000_000_000_000, 0, -100_000_000_000))
    monkeypatch.setattr("mlflow.store.model_registry.sqlalchemy_store.get_current_time_millis", lambda: next(times))
    register(predictions(0.1, per_dialog=2))
    judge.promote(client, PARAMS, "3", force="by a clock that is wrong")
    judge.promote(client, PARAMS, "1", force="by one that is slow")
    entries = history.read(client, "attune")
    assert [entry.version for entry in entries] == ["1", "2", "3", "1"]
    assert entries[-1].milliseconds < entries[-2].milliseconds, "the clock went backwards"
    assert str(champion.find(client, "champion").version) == "1"
    assert champion.rollback(client, "attune", "back").version == "3"
