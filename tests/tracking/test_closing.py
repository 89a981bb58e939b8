"""Closing what a pipeline run left open, in a real MLflow database."""

import pytest

from attune.tracking import client as mlflow_client
from attune.tracking.closing import close_runs


@pytest.fixture
def client(here):
    return mlflow_client.connect()


def begin(client, pipeline_run, status=None):
    run = client.create_run(mlflow_client.experiment_id(client), tags={"attune.pipeline_run": pipeline_run})
    if status:
        client.set_terminated(run.info.run_id, status)
    return run.info.run_id


def nested_in(client, parent):
    experiment = mlflow_client.experiment_id(client)
    return client.create_run(experiment, tags={"mlflow.parentRunId": parent}).info.run_id


def status(client, run_id):
    return client.get_run(run_id).info.status


@pytest.mark.parametrize(("succeeded", "ended"), [(True, "FINISHED"), (False, "FAILED")])
def test_what_the_pipeline_run_left_open_ends_as_it_did_nested_runs_too(client, succeeded, ended):
    mine = begin(client, "7")
    nested = nested_in(client, mine)
    done, others = begin(client, "7", "FINISHED"), begin(client, "8")
    assert close_runs("7", succeeded=succeeded) == 2
    assert [status(client, run) for run in (mine, nested)] == [ended, ended]
    assert status(client, done) == "FINISHED"
    assert status(client, others) == "RUNNING"
    assert close_runs("7", succeeded=succeeded) == 0


def test_a_training_left_open_in_a_parent_that_has_ended_is_closed_too(client):
    parent = begin(client, "7", "FINISHED")
    nested = nested_in(client, parent)
    assert close_runs("7", succeeded=True) == 1
    assert status(client, nested) == "FINISHED"


def test_where_nothing_was_ever_tracked_nothing_is_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert close_runs("7", succeeded=True) == 0
    assert list(tmp_path.iterdir()) == []
