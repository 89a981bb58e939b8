"""The register step on hand-made inputs: what lies in MLflow afterwards, and what happens when something is missing."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import forged
import pandas as pd
import pytest
from mlflow.exceptions import MlflowException
from registry_samples import FOLDS, write_model

from attune import environment
from attune.artifacts import metrics
from attune.errors import AttuneError
from attune.params import Params
from attune.registry import lineage_file, versions
from attune.steps import register
from attune.steps.gathering import recording
from attune.tracking import client as mlflow_client
from attune.tracking.sending import follow, sender, spool

pytestmark = pytest.mark.slow


def run(params, folder, models=None):
    reports = folder / "reports"
    register.run(
        params,
        models=models or (folder / "models",),
        metrics=reports / "metrics.json",
        evaluation=reports / "evaluation",
        attention=reports / "attention",
        report=reports / "index.html",
        out=reports / "registered.json",
    )
    return json.loads((reports / "registered.json").read_text())


@pytest.fixture
def folder(here, trained):
    shutil.copytree(trained, here, dirs_exist_ok=True)
    return here


def test_everything_about_an_execution_is_in_mlflow(folder, params, capsys):
    registered = run(params, folder)
    assert registered["name"] == "attune"
    assert registered["version"] == "1"
    assert registered["tracking_uri"] == "sqlite:///mlflow.db"
    assert "attune version 1" in capsys.readouterr().out

    client = mlflow_client.connect()
    parent = client.get_run(registered["run_id"])
    assert parent.info.status == "FINISHED"
    assert parent.data.params["train.learning_rate"] == str(params.train.learning_rate)
    assert parent.data.metrics["mtl-att/test/arousal/uar"] == 0.5
    assert parent.data.metrics["chance/test intervals/arousal uar low"] == 0.4

    nested = client.search_runs([parent.info.experiment_id], f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'")
    assert {run.data.tags["attune.fold"] for run in nested} == set(FOLDS)
    for run_ in nested:
        losses = client.get_metric_history(run_.info.run_id, "learning/train_loss")
        assert [(loss.step, loss.value) for loss in losses] == [(1, 3.0), (2, 1.5)]
        assert run_.data.metrics["test/valence/ccc"] == 0.5
        assert run_.info.status == "FINISHED"


def test_the_version_carries_its_lineage_and_names_the_predictions(folder, params):
    registered = run(params, folder)
    client = mlflow_client.connect()
    version = client.get_model_version_by_alias("attune", "candidate")
    assert str(version.version) == registered["version"]
    assert version.run_id == registered["run_id"]
    facts = lineage_file.read(client, version)
    assert json.loads(facts["attune.scores"])["test"]["arousal"]["uar"] == {
        "value": 0.5, "low": 0.4, "high": 0.6, "n": 20
    }  # fmt: skip
    assert Params.model_validate(json.loads(facts["attune.params"])) == params
    assert max(map(len, version.tags.values())) < 250
    run_id, _, path = version.tags["attune.predictions"].removeprefix("runs:/").partition("/")
    predictions = pd.read_parquet(client.download_artifacts(run_id, path))
    assert list(predictions["utterance"]) == ["a"]
    run_id, _, path = version.tags["attune.report"].removeprefix("runs:/").partition("/")
    assert "the page" in open(client.download_artifacts(run_id, path)).read()  # noqa: PTH123, SIM115
    card = open(client.download_artifacts(run_id, "card.md")).read()  # noqa: PTH123, SIM115
    assert "| valence | 50.0 (40.0–60.0) |" in card


def test_models_are_known_by_what_they_say_not_by_where_they_lie(folder, params):
    elsewhere = [folder / f"input-{number}" for number in range(2)]
    for fold, place in zip(reversed(FOLDS), elsewhere, strict=True):
        shutil.move(folder / "models/mtl-att" / fold, place)
    write_model(folder / "models/stl/session1", "stl", "session1", seed=3)  # left over from an earlier run
    run(params, folder, models=(*elsewhere, folder / "models"))
    client = mlflow_client.connect()
    version = client.get_model_version_by_alias("attune", "candidate")
    artifacts = [path for path in folder.glob("mlartifacts/**/folds/*") if path.is_dir()]
    assert sorted(path.name for path in artifacts) == list(FOLDS)
    assert json.loads(version.tags["attune.folds"]) == list(FOLDS)


def test_a_copy_with_other_weights_beside_a_model_is_never_taken(folder, params):
    write_model(folder / "models/mtl-att/session1.bak", "mtl-att", "session1", seed=7)
    run(params, folder)
    [shipped] = folder.glob("mlartifacts/**/folds/session1/model.safetensors")
    assert shipped.read_bytes() == (folder / "models/mtl-att/session1/model.safetensors").read_bytes()


def test_weights_that_did_not_make_the_predictions_are_refused_by_name(folder, params):
    shutil.rmtree(folder / "models/mtl-att/session1")
    write_model(folder / "models/mtl-att/session1", "mtl-att", "session1", seed=7)
    with pytest.raises(AttuneError, match=r"models/mtl-att/session1: the predictions of mtl-att on session1 came from"):
        run(params, folder)
    assert not (folder / "mlartifacts").exists()


def test_scores_that_are_not_the_evaluations_are_refused(folder, params):
    path = folder / "reports/metrics.json"
    path.write_text(path.read_text().replace("0.5", "0.6", 1))
    with pytest.raises(AttuneError, match=r"metrics\.json: is damaged or was edited"):
        run(params, folder)


def test_a_lost_fold_is_an_error_before_anything_is_tracked(folder, params):
    shutil.rmtree(folder / "models/mtl-att/session2")
    with pytest.raises(AttuneError, match="no model of mtl-att for fold session2"):
        run(params, folder)
    assert not (folder / "mlartifacts").exists()
    assert not (folder / "reports/registered.json").exists()


def test_missing_scores_are_an_error(folder, params):
    forged.metrics(folder / "reports/metrics.json", '{"loso5": {}}')
    with pytest.raises(AttuneError, match="has no test UAR of mtl-att for any task"):
        run(params, folder)


def test_unreadable_metrics_are_an_error(folder, params):
    forged.metrics(folder / "reports/metrics.json", "{")
    with pytest.raises(AttuneError, match=r"metrics\.json: cannot be read"):
        run(params, folder)


def test_a_damaged_model_fails_the_run_and_leaves_no_candidate(folder, params):
    weights = folder / "models/mtl-att/session1/model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(AttuneError, match=r"model\.safetensors"):
        run(params, folder)
    client = mlflow_client.connect()
    assert not client.search_registered_models()
    assert not (folder / "reports/registered.json").exists()
    found = client.search_runs([mlflow_client.experiment_id(client)])
    [parent] = [run for run in found if "mlflow.parentRunId" not in run.data.tags]
    assert parent.info.status == "FAILED"


def test_an_unreachable_server_is_one_message(folder, params, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with pytest.raises(AttuneError, match=r"http://127\.0\.0\.1:9"):
        run(params, folder)
    assert not (folder / "reports/registered.json").exists()


def test_what_was_tracked_while_training_is_completed_not_doubled(folder, params, monkeypatch):
    monkeypatch.setattr(follow, "_start_sender", lambda: None)
    monkeypatch.setattr(follow, "_check_once", lambda place: None)
    monkeypatch.delenv(environment.TRACKING, raising=False)
    rows = pd.read_csv(folder / "models/mtl-att/session1/history.csv").to_dict("records")
    with follow.follow("mtl-att", "session1", "t1", {"train": {"seed": 1}}) as record:
        record(rows[0])  # the server was down for the rest
    with follow.follow("mtl-att", "session2", "stale", {}) as record:
        record(rows[0] | {"train_loss": 99.0})  # of other data, given up
    registered = run(params, folder)

    client = mlflow_client.connect()
    experiment = mlflow_client.experiment_id(client)
    nested = client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{registered['run_id']}'")
    by_fold = {}
    for found in nested:
        by_fold.setdefault(found.data.tags["attune.fold"], []).append(found)
    [live] = by_fold["session1"]
    assert "attune.backfilled" not in live.data.tags
    assert [(loss.step, loss.value) for loss in client.get_metric_history(live.info.run_id, "learning/train_loss")] == [
        (1, 3.0),
        (2, 1.5),
    ]
    stale, fresh = sorted(by_fold["session2"], key=lambda found: "attune.backfilled" in found.data.tags)
    assert stale.data.tags["attune.superseded"] == "true"
    assert fresh.data.metrics["learning/train_loss"] == 1.5
    assert {found.info.status for found in (live, fresh)} == {"FINISHED"}


def scores_become(folder, before, after):
    path = folder / "reports/metrics.json"
    metrics.write(path, folder / "reports/evaluation", json.loads(path.read_text().replace(before, after)))


def test_each_registration_ends_its_execution(folder, params):
    first = run(params, folder)
    scores_become(folder, "0.5", "0.55")
    assert run(params, folder)["run_id"] != first["run_id"]


def test_the_same_model_is_registered_once(folder, params, capsys):
    first = run(params, folder)
    client = mlflow_client.connect()
    runs_before = len(client.search_runs([mlflow_client.experiment_id(client)]))
    (folder / "reports/registered.json").unlink()
    (folder / "reports/index.html").write_text("<html>another page</html>")
    capsys.readouterr()
    assert run(params, folder) == first
    assert "is already this model" in capsys.readouterr().out
    assert len(client.search_model_versions("name='attune'")) == 1
    assert len(client.search_runs([mlflow_client.experiment_id(client)])) == runs_before


def test_another_registry_and_another_name_get_it_too(folder, params, monkeypatch, new_database):
    first = run(params, folder)
    (folder / "elsewhere").mkdir()
    shutil.copyfile(new_database.path, folder / "elsewhere/mlflow.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder}/elsewhere/mlflow.db")
    second = run(params, folder)
    assert second["model"] == first["model"]
    assert second["run_id"] != first["run_id"]
    assert list(folder.glob("elsewhere/mlartifacts/**/folds/session1"))
    named = Params.model_validate({**params.model_dump(by_alias=True), "register": {"name": "emo"}})
    assert run(named, folder)["name"] == "emo"
    client = mlflow_client.connect()
    version = versions.find(client, "emo/1")
    assert version.run_id != second["run_id"]
    model = client.get_logged_model(version.source.removeprefix("models:/"))
    assert model.tags["mlflow.note.content"] == version.description
    assert version.description


def test_going_back_to_an_old_model_moves_no_alias_but_a_lost_one_is_set(folder, params):
    old = run(params, folder)
    scores_become(folder, "0.5", "0.55")
    new = run(params, folder)
    scores_become(folder, "0.55", "0.5")
    assert run(params, folder) == old
    client = mlflow_client.connect()
    assert str(versions.find(client, "candidate").version) == new["version"]
    client.delete_registered_model_alias("attune", "candidate")
    assert run(params, folder) == old
    assert str(versions.find(client, "candidate").version) == old["version"]


def test_a_failed_try_leaves_nothing_running_and_the_next_goes_on_in_the_same_tree(folder, params, monkeypatch):
    real = recording.run_tree.complete_training
    tries = []

    def die(*arguments, **named):
        tries.append(named["fold"])
        if len(tries) == 2:
            raise MlflowException("(sqlite3.OperationalError) database or disk is full")
        return real(*arguments, **named)

    monkeypatch.setattr(recording.run_tree, "complete_training", die)
    with pytest.raises(AttuneError, match="the disk is full"):
        run(params, folder)
    client = mlflow_client.connect()
    experiment = mlflow_client.experiment_id(client)
    failed = client.search_runs([experiment])
    assert {found.info.status for found in failed} == {"FAILED", "FINISHED"}
    registered = run(params, folder)
    after = client.search_runs([experiment])
    assert {found.info.status for found in after} == {"FINISHED"}
    assert [found.info.run_id for found in after if "mlflow.parentRunId" not in found.data.tags] == [
        registered["run_id"]
    ]
    assert {found.info.run_id for found in failed} < {found.info.run_id for found in after}


def test_a_run_deleted_while_training_and_damage_are_told_and_do_not_block(folder, params, monkeypatch, capsys):
    monkeypatch.setattr(follow, "_start_sender", lambda: None)
    monkeypatch.setattr(follow, "_check_once", lambda place: None)
    monkeypatch.delenv(environment.TRACKING, raising=False)
    rows = pd.read_csv(folder / "models/mtl-att/session1/history.csv").to_dict("records")
    client = mlflow_client.connect()
    with follow.follow("mtl-att", "session1", "t1", {}) as record:
        record(rows[0])
        sender.sync()
        for found in client.search_runs([mlflow_client.experiment_id(client)]):
            client.delete_run(found.info.run_id)  # the training's and its parent's
        record(rows[1])
    (spool.folder() / f"{'0' * 20}-damaged.jsonl").write_bytes(bytes(200))
    run(params, folder)
    told = capsys.readouterr().err
    assert told.count("set aside") == 2
    nested = client.search_runs([mlflow_client.experiment_id(client)], "tags.`attune.fold` = 'session1'")
    assert [found.data.tags["attune.backfilled"] for found in nested] == ["true"]


@pytest.mark.parametrize(("setting", "registered"), [("register", True), ("track", False)])
def test_an_experiment_of_dvcs_is_registered_or_only_tracked(folder, params, monkeypatch, setting, registered):
    monkeypatch.setenv(environment.DVC_EXPERIMENT, "tipsy-okra")
    chosen = Params.model_validate({**params.model_dump(by_alias=True), "register": {"experiments": setting}})
    assert (run(chosen, folder)["version"] is not None) == registered
    client = mlflow_client.connect()
    assert bool(client.search_registered_models()) == registered
    [parent] = client.search_runs([mlflow_client.experiment_id(client)], "tags.`attune.experiment` = 'tipsy-okra'")
    assert parent.info.run_name == "tipsy-okra"


def test_the_registered_model_links_to_its_version_and_data_and_says_what_it_is(folder, params):
    (folder / "dvc.lock").write_text("schema: '2.0'\nstages: {p: {outs: [{path: data/store, md5: 22.dir}]}}\n")
    registered = run(params, folder)
    client = mlflow_client.connect()
    version = versions.find(client)
    model = client.get_logged_model(version.source.removeprefix("models:/"))
    assert json.loads(model.tags["mlflow.modelVersions"]) == [{"name": "attune", "version": "1"}]
    assert "Test UAR in %: arousal 50.0 (40.0–60.0), valence" in version.description
    assert len(version.description.splitlines()) == 5
    assert ("data/store", "22.dir") in {(one.dataset_name, one.dataset_digest) for one in model.metrics}
    assert {one.key: one.value for one in model.metrics}["model/test/valence/uar"] == 0.5
    parent = client.get_run(registered["run_id"])
    assert parent.data.tags["mlflow.note.content"] == version.description
    for tracked in client.search_runs([parent.info.experiment_id]):
        assert tracked.data.tags["mlflow.user"]
        assert tracked.data.tags["mlflow.source.name"] == "dvc repro"
    assert client.get_experiment(parent.info.experiment_id).tags["mlflow.experimentKind"] == "custom_model_development"


def test_two_who_register_the_same_model_at_once_make_one_version(folder, params):
    command = [Path(sys.executable).with_name("attune"), "register", "--params", params.model_dump_json(by_alias=True)]
    given = {"models": "models", "metrics": "reports/metrics.json", "report": "reports/index.html"}
    given |= {name: f"reports/{name}" for name in ("evaluation", "attention")}
    command += [part for name, value in given.items() for part in (f"--{name}", value)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    outs = [folder / f"{number}.json" for number in (1, 2)]
    both = [
        subprocess.Popen([*command, "--out", out], cwd=folder, env=environment, stdout=subprocess.DEVNULL)
        for out in outs
    ]
    assert [one.wait(timeout=400) for one in both] == [0, 0]
    client = mlflow_client.connect()
    (version,) = client.search_model_versions("name='attune'")
    tagged = [run.data.tags for run in client.search_runs([mlflow_client.experiment_id(client)])]
    nested = [(tags["attune.system"], tags["attune.fold"]) for tags in tagged if "attune.fold" in tags]
    assert sorted(nested) == sorted(set(nested))
    assert {json.loads(out.read_text())["version"] for out in outs} == {str(version.version)}
    assert str(client.get_model_version_by_alias("attune", "candidate").version) == str(version.version)
    assert lineage_file.read(client, version)


def test_while_another_registers_from_this_folder_nothing_is_begun(folder, params, monkeypatch):
    monkeypatch.setattr(register, "_LONGEST", 0.0)
    refused = pytest.raises(AttuneError, match="another process registers from this folder")
    with spool.locked(spool.folder(), "register", wait=0.0) as mine, refused:
        assert mine
        run(params, folder)
    assert run(params, folder)["version"] == "1"
