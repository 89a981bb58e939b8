"""What is sent to MLflow for a run: parameters, epochs, scores, inputs."""

import json

import pytest
from registry_samples import history

from attune import environment
from attune.params import Params
from attune.tracking import client as mlflow_client
from attune.tracking import run_tree, runs


def test_a_history_becomes_one_number_per_epoch_and_column():
    numbers = set(runs.epochs(history(["joint"])))
    assert ("learning/train_loss", 1.5, 2) in numbers
    assert ("learning/development_uar_valence", 0.4, 1) in numbers
    assert len(numbers) == 2 * 6


def test_several_networks_keep_apart_and_what_is_missing_stays_out():
    table = history(["arousal", "valence"])
    table.loc[table["network"] == "arousal", "development_uar_valence"] = float("nan")
    names = {name for name, _, _ in runs.epochs(table)}
    assert "learning/arousal/train_loss" in names
    assert "learning/valence/development_uar_valence" in names
    assert "learning/arousal/development_uar_valence" not in names


def test_a_score_is_a_number_with_its_interval():
    scores = {"arousal": {"uar": {"value": 0.5, "low": 0.4, "high": None, "n": 7}}}
    assert list(runs.flat_scores(scores, "test")) == [
        ("test/arousal/uar", 0.5, 0),
        ("test intervals/arousal uar low", 0.4, 0),
    ]


def test_a_parent_ends_as_what_was_inside_it_ended(here):
    client = mlflow_client.connect()
    with run_tree.parent(client, Params()) as good:
        assert client.get_run(good).info.status == "RUNNING"
    assert client.get_run(good).info.status == "FINISHED"
    with pytest.raises(KeyError), run_tree.parent(client, Params()) as bad:
        raise KeyError
    assert client.get_run(bad).info.status == "FAILED"


def test_the_platforms_run_is_taken_and_left_open(here, monkeypatch):
    client = mlflow_client.connect()
    given = client.create_run(mlflow_client.experiment_id(client)).info.run_id
    monkeypatch.setenv("MLFLOW_RUN_ID", given)
    with run_tree.parent(client, Params()) as taken:
        assert taken == given
    assert client.get_run(given).info.status == "RUNNING"


def test_a_pipelines_run_says_which_pipeline(here, monkeypatch):
    monkeypatch.setenv(environment.PIPELINE_RUN, "run-7")
    client = mlflow_client.connect()
    with run_tree.parent(client, Params()) as run:
        assert client.get_run(run).data.tags["attune.pipeline_run"] == "run-7"


def test_parameters_are_logged_by_their_dotted_names(here):
    client = mlflow_client.connect()
    with run_tree.parent(client, Params()) as run:
        runs.log_params(client, run, Params().model_dump(mode="json", by_alias=True))
    logged = client.get_run(run).data.params
    assert logged["train.task_weights.arousal"] == "1.0"
    assert logged["folds"] == str(["session1", "session2", "session3", "session4", "session5"])
    assert logged["validate.min_seconds"] == "0.1"


def test_after_a_failed_attempt_with_other_parameters_there_is_a_run_of_its_own_for_these(here):
    client = mlflow_client.connect()
    first, mended = Params(), Params.model_validate({"register": {"name": "mine"}})

    def attempt(params):
        with run_tree.parent(client, params) as run:
            runs.log_params(client, run, params.model_dump(mode="json", by_alias=True))
            if params is first:
                raise KeyboardInterrupt
            return run

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            attempt(first)
    assert client.get_run(attempt(mended)).data.params["register.name"] == "mine"
    [failed] = client.search_runs([mlflow_client.experiment_id(client)], "tags.`attune.superseded` = 'true'")
    assert (failed.info.status, failed.data.params["register.name"]) == ("FAILED", "attune")


def test_thousands_of_numbers_arrive(here):
    client = mlflow_client.connect()
    with run_tree.parent(client, Params()) as run:
        runs.log_metrics(client, run, [runs.Measurement("loss", float(step), step) for step in range(1300)])
    assert len(client.get_metric_history(run, "loss")) == 1300


def test_data_is_logged_as_input_with_its_digest(here):
    client = mlflow_client.connect()
    md5 = {"data/store": "a" * 32 + ".dir", "models/mtl-att": "b" * 32 + ".dir"}
    with run_tree.parent(client, Params()) as run:
        runs.log_inputs(client, run, md5)
    [found] = client.get_run(run).inputs.dataset_inputs
    assert (found.dataset.name, found.dataset.digest) == ("data/store", "a" * 32 + ".dir")
    assert json.loads(found.dataset.source) == {"path": "data/store", "md5": "a" * 32 + ".dir"}
