"""The whole training pipeline in real containers, against the same graph run by the command line on this machine."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from engine import cpu_image, engine

from attune import params as parameters
from attune.errors import AttuneError
from attune.registry import lineage_file
from attune.steps import train
from pipelines import containers, local, scoring, settings, training
from pipelines.arguments import for_training
from pipelines.containers import Place
from pipelines.data import Data

pytestmark = [pytest.mark.containers, pytest.mark.slow]
__all__ = ["cpu_image", "engine"]


class Machine:
    """Runs the pipeline in containers of the CPU image, again and again in one folder."""

    def __init__(self, image, root, small_params):
        self.client = containers.engine()
        self.image = containers.image_id(self.client, image)
        self.place = Place(root=root)
        self.params = small_params
        self.settings = settings.with_images(settings.load(), self.image, self.image)

    def train(self, changes=None, **given):
        params = parameters.load(json.dumps(self.params | (changes or {})))
        arguments = for_training(params, Data("data/raw", ""), given)
        local.run(training.build(params, self.settings), arguments, self.place, self.client)

    def run(self, *command):
        return containers.run(self.client, self.image, list(command), self.place)

    def kill(self, word):
        """Kill the containers of this machine's folder whose command has this word."""
        for container in self.client.containers.list(filters={"volume": str(self.place.root.resolve())}):
            if word in container.attrs["Args"]:
                container.kill()

    def registry(self):
        import mlflow

        return mlflow.MlflowClient(f"sqlite:///{self.place.root}/mlflow.db")

    def candidate(self):
        """The parameters with which the newest version was made."""
        client = self.registry()
        version = client.get_model_version_by_alias("attune", "candidate")
        return json.loads(lineage_file.read(client, version)["attune.params"])

    def newest(self, pattern):
        return max(self.place.root.glob(f"attune-training-*/{pattern}"), key=lambda path: path.stat().st_mtime)


@pytest.fixture(scope="module")
def machine(cpu_image, tmp_path_factory, small_params):
    return Machine(cpu_image, tmp_path_factory.mktemp("pipeline-runs"), small_params)


@pytest.fixture(scope="module")
def trained(machine):
    """The machine after one whole run."""
    machine.train(gate={"arousal": {"uar": 0.0}})
    return machine


def test_containers_give_the_same_metrics_as_the_command_line_byte_for_byte(trained, small_run):
    assert trained.newest("evaluate/metrics").read_bytes() == (small_run / "reports/metrics.json").read_bytes()


def test_every_fold_of_every_system_was_trained_in_a_container_of_its_own(trained, small_run):
    models = list(trained.place.root.glob("attune-training-*/for-loop-*-iteration-*/train/model/model.safetensors"))
    ours = {path.read_bytes() for path in models}
    assert len(models) == 4
    assert ours == {path.read_bytes() for path in small_run.glob("models/*/*/model.safetensors")}


def test_scores_matrices_and_pages_are_reported_as_kubeflow_shows_them(trained, small_params):
    def report(step):
        return json.loads(trained.newest(f"{step}/executor_output.json").read_text())["artifacts"]

    scores = report("evaluate")
    assert "arousal/uar/mtl-att" in scores["metrics"]["artifacts"][0]["metadata"]
    assert trained.newest("evaluate/confusions").read_text().count("<table>") == 3 * len(small_params["systems"])
    assert trained.newest("validate/docs").read_text().lower().startswith("<!doctype html>")
    assert "<html" in trained.newest("report/page").read_text()[:200]
    assert report("register")["registered"]["artifacts"][0]["metadata"]["version"] == "1"


def test_the_model_is_registered_and_carries_the_pipelines_run(trained):
    client = trained.registry()
    version = client.get_model_version_by_alias("attune", "candidate")
    assert version.tags["attune.pipeline_run"]
    assert trained.candidate()["train"]["epochs"] == trained.params["train"]["epochs"]
    assert client.get_run(version.run_id).info.status == "FINISHED"


def test_a_second_run_takes_from_the_cache_all_but_what_changes_the_world(trained, capsys):
    trained.train(gate={"arousal": {"uar": 0.0}})
    out = capsys.readouterr().out
    cached = {line.split(" | ")[0] for line in out.splitlines() if "taken from the cache" in line}
    assert cached >= {"corpus", "validate", "preprocess", "train", "predict", "evaluate", "attention", "report", "gate"}
    ran = {line.split(" | ")[0] for line in out.splitlines()} - cached
    assert ran == {"data-version", "register", "close"}


FIFTEEN = {
    "systems": ["mtl-att", "stl", "mtl"],
    "folds": ["session1", "session2", "session3", "session4", "session5"],
}
"""Cells between cached ones: the first two, and the first of `stl`, were trained before."""


@pytest.fixture(scope="module")
def killed(trained):
    """What a run said whose first new cell was killed after its first epoch."""
    say = containers.say

    def killing(step, text):
        say(step, text)
        if step == "train mtl-att session3" and "epoch 1/2" in text:
            trained.kill("session3")

    with pytest.MonkeyPatch.context() as patch, pytest.raises(AttuneError) as caught:
        patch.setattr(containers, "say", killing)
        trained.train(FIFTEEN, gate={})
    return str(caught.value)


def test_a_killed_cell_fails_the_run_by_its_name_and_its_last_words(killed):
    assert "train mtl-att session3: ended with exit code 137" in killed
    assert "epoch 1/2" in killed


@pytest.fixture(scope="module")
def resumed(trained, killed):
    """What the same run printed when it was started again."""
    with pytest.MonkeyPatch.context() as patch:
        said = []
        patch.setattr(containers, "say", lambda step, text: said.append(f"{step} | {text}"))
        trained.train(FIFTEEN, gate={})
    return said


def test_a_killed_training_goes_on_to_the_same_bytes(trained, resumed, small_run):
    assert any("joint: resuming after epoch" in line for line in resumed)
    data, alone = small_run / "data", trained.place.root / "alone"
    params = parameters.load(json.dumps(trained.params))
    train.run(
        params,
        **{"system": "mtl-att", "fold": "session3", "validated": data / "validated", "store": data / "store"},
        **{"features": data / "features", "checkpoints": alone / "checkpoints", "out": alone / "model"},
    )
    ours = {path.read_bytes() for path in trained.place.root.glob("attune-training-*/*/train/model/model.safetensors")}
    assert (alone / "model" / "model.safetensors").read_bytes() in ours


def test_fifteen_cells_some_of_them_cached_end_in_a_registered_model_of_five_folds(trained, resumed):
    assert resumed.count("train | nothing new: taken from the cache") >= 3
    tested = pd.read_parquet(trained.newest("evaluate/scores") / "predictions.parquet", columns=["system", "fold"])
    assert len(tested.drop_duplicates()) == 15
    assert trained.candidate()["folds"] == FIFTEEN["folds"]


def test_a_gate_that_is_not_reached_fails_the_run_and_nothing_is_registered(trained, capsys):
    with pytest.raises(AttuneError, match="gate: ended with exit code 1") as caught:
        trained.train(gate={"valence": {"uar": 0.99}})
    assert "mtl-att is not registered: valence uar" in str(caught.value)
    out = capsys.readouterr().out
    assert "close | pipeline run" in out
    assert "register |" not in out


def test_refused_data_fails_the_run_with_its_message_and_its_data_docs_stay(trained, capsys):
    refusing = {"validate": {"max_seconds": 0.5, "max_quarantined": 0.0}}
    with pytest.raises(AttuneError, match="admit: ended with exit code 1") as caught:
        trained.train(refusing)
    assert "quarantine" in str(caught.value)
    assert trained.newest("validate/docs").read_text().lower().startswith("<!doctype html>")
    assert "preprocess |" not in capsys.readouterr().out


def test_bad_parameters_fail_the_run_with_one_message(trained):
    broken = for_training(parameters.load(json.dumps(trained.params)), Data("data/raw", ""), {})
    broken["validate"] = {"max_second": 3}
    with pytest.raises(AttuneError, match=r"unknown parameter 'validate\.max_second'"):
        local.run(training.build(parameters.load("{}"), trained.settings), broken, trained.place, trained.client)


def test_an_exit_code_is_never_lost(machine):
    """kfp's own way loses one in ten."""
    assert {machine.run("sh", "-c", "exit 7").code for _ in range(10)} == {7}


def test_a_container_sees_its_folder_and_no_network_and_writes_nowhere_else(machine):
    assert machine.run("touch", "here").code == 0
    assert (machine.place.root / "here").exists()
    assert machine.run("touch", "/opt/there").code != 0
    (said,) = machine.run("python3", "-c", "import os; print(os.listdir('/sys/class/net'))").last
    assert said == "['lo']"


def test_checkpoints_outlive_their_container_and_no_other_file_of_its_tmp_does(machine):
    assert machine.run("sh", "-c", "echo epoch >/tmp/checkpoints/one && touch /tmp/two").code == 0
    assert (machine.place.root / "checkpoints" / "one").read_text() == "epoch\n"
    assert machine.run("sh", "-c", "cat /tmp/checkpoints/one && ! test -e /tmp/two").last == ["epoch"]


def test_an_image_that_is_not_here_is_one_message(machine):
    with pytest.raises(AttuneError, match="no such image here") as caught:
        containers.image_id(machine.client, "attune-none:local")
    assert "make images" in str(caught.value)


def test_a_batch_at_an_address_is_scored_and_its_table_written_back(trained, small_run, s3):
    sounds = sorted(small_run.glob("data/corpus/**/*.wav"))[:2]
    for sound in sounds:
        s3.client().upload_file(str(sound), s3.bucket, f"calls/{sound.name}")
    arguments = {"audio": f"s3://{s3.bucket}/calls", "table": f"s3://{s3.bucket}/scores/today", "model": "candidate"}
    place = replace(trained.place, network="host", environment=s3.environment)
    local.run(scoring.build(trained.settings), arguments, place, trained.client)
    body = s3.client().get_object(Bucket=s3.bucket, Key="scores/today/scores.csv")["Body"]
    scores = pd.read_csv(body)
    assert [Path(path).name for path in scores["path"]] == [sound.name for sound in sounds]
    assert scores[["arousal", "valence", "dominance"]].stack().between(1, 5).all()
