"""What is asked of MLflow before a training run: only what waiting would not help stops it."""

import pytest

from attune import environment
from attune.errors import AttuneError
from attune.tracking import client as mlflow_client
from attune.tracking.sending import follow, spool

pytestmark = pytest.mark.slow


@pytest.fixture
def tracked(here, monkeypatch):
    monkeypatch.delenv(environment.TRACKING, raising=False)
    monkeypatch.setattr(follow, "_start_sender", lambda: None)
    monkeypatch.setattr(follow, "_CHECK_SECONDS", 600.0)  # on a busy machine MLflow alone may take a minute to import
    return here


def train():
    trained = []
    with follow.follow("mtl-att", "session1", "t1", {}) as record:
        trained.append(record)
    return trained


def test_a_deleted_experiment_is_named_with_the_command_that_restores_it_before_training(tracked, monkeypatch):
    client = mlflow_client.connect()
    experiment = mlflow_client.experiment_id(client)
    client.delete_experiment(experiment)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(AttuneError, match="the experiment 'attune' was deleted") as caught:
        train()
    assert f"mlflow experiments restore --experiment-id {experiment}" in str(caught.value)
    assert not spool.pending(spool.folder())


def test_once_it_is_well_later_training_runs_do_not_ask_again(tracked, monkeypatch):
    assert train()
    monkeypatch.setattr(follow.subprocess, "run", None)
    assert train()
    assert len(spool.pending(spool.folder())) == 2


def test_a_silent_server_stops_no_training_run(tracked, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    assert train()
    assert len(spool.pending(spool.folder())) == 1


def test_a_run_that_the_platform_no_longer_has_is_named(tracked, monkeypatch):
    monkeypatch.setenv(environment.MLFLOW_RUN, "f" * 32)
    with pytest.raises(AttuneError, match=f"there is no run {'f' * 32}, which MLFLOW_RUN_ID names"):
        train()
