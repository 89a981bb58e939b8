import json

import pytest
from click.testing import CliRunner

from attune.artifacts import registered
from attune.artifacts.registered import Registered
from attune.cli.summary import summary
from attune.errors import AttuneError
from attune.tracking import client as mlflow_client

pytestmark = pytest.mark.slow

UAR = {"value": 0.6123, "low": 0.55, "high": 0.671, "n": 480}
GUESS = {"value": 1 / 3, "low": 1 / 3, "high": 1 / 3, "n": 480}


def metrics(**systems):
    tasks = ("arousal", "valence", "dominance")
    return {"loso5": {name: {"test": {task: {"uar": uar} for task in tasks}} for name, uar in systems.items()}}


def shown(folder, **systems):
    (folder / "metrics.json").write_text(json.dumps(metrics(**systems)))
    done = CliRunner().invoke(
        summary, ["--reports", str(folder), "--corpus", str(folder / "corpus")], catch_exceptions=False
    )
    assert done.exit_code == 0
    return done.output


def test_scores_stand_above_majority_and_chance(tmp_path):
    lines = shown(tmp_path, chance=GUESS, majority=GUESS, **{"mtl-att": UAR}).splitlines()
    rows = [line.split() for line in lines if line.strip()]
    assert rows[2][:3] == ["mtl-att", "61.2", "(55.0–67.1)"]
    assert [row[0] for row in rows[2:5]] == ["mtl-att", "majority", "chance"]
    assert rows[4][1:] == ["33.3", "33.3", "33.3"]


def test_synthetic_scores_are_called_so_and_only_those(tmp_path):
    assert "Synthetic" not in shown(tmp_path, mtl=UAR)
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "cues.parquet").touch()
    assert "Synthetic speech: these scores say nothing about real speech." in shown(tmp_path, mtl=UAR)


def test_the_page_and_the_registered_version_are_named_once_they_exist(tmp_path):
    assert "version" not in shown(tmp_path, mtl=UAR)
    (tmp_path / "index.html").touch()
    assert "index.html" in shown(tmp_path, mtl=UAR)


def test_what_is_registered_is_what_the_registry_says(here):
    about = Registered("emo", "7", "a1b2", "sqlite:///mlflow.db", "d" * 64)
    registered.write(here / registered.FILE, about)
    assert f"not registered in {here}/mlflow.db: `dvc repro` registers it there" in shown(here, mtl=UAR)
    client = mlflow_client.connect()
    client.create_registered_model("emo")
    client.create_model_version("emo", str(here), tags={"attune.model": "e" * 64})
    client.create_model_version("emo", str(here), tags={"attune.model": "d" * 64})
    client.set_registered_model_alias("emo", "champion", "2")
    assert "Model   emo version 2 (champion)" in shown(here, mtl=UAR)
    registered.write(here / registered.FILE, about._replace(version=None))
    assert "tracked only" in shown(here, mtl=UAR)


def test_the_summary_makes_no_database(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    registered.write(tmp_path / registered.FILE, Registered("attune", "1", "a1b2", "sqlite:///mlflow.db", "d"))
    assert "there is no MLflow database yet" in shown(tmp_path, mtl=UAR)
    assert not (tmp_path / "mlflow.db").exists()


def test_every_command_to_try_stands_on_one_line(tmp_path):
    assert "mlflow ui --backend-store-uri sqlite:///mlflow.db " in shown(tmp_path, mtl=UAR)


@pytest.mark.parametrize(
    "text", [None, "{", "[1]", "{}", '{"loso5": {"mtl": 3}}', '{"loso5": {"chance": {"test": {}}}}']
)
def test_missing_or_odd_scores_are_one_message(tmp_path, text):
    if text is not None:
        (tmp_path / "metrics.json").write_text(text)
    with pytest.raises(AttuneError, match="metrics"):
        CliRunner().invoke(summary, ["--reports", str(tmp_path)], catch_exceptions=False, standalone_mode=False)
