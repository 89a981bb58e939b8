import json

import pytest
from click.testing import CliRunner

from attune.artifacts import registered
from attune.artifacts.registered import Registered
from attune.cli.summary import summary
from attune.errors import AttuneError

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
    registered.write(tmp_path / registered.FILE, Registered("attune [b]", "7", "a1b2", "sqlite:///mlflow.db"))
    output = shown(tmp_path, mtl=UAR)
    assert "index.html" in output
    assert "attune [b] version 7" in output


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
