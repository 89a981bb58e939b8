"""The register step on what the graph really writes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from small import SMALL

from attune.artifacts.registered import Registered
from attune.params import Params
from attune.steps import register
from attune.tasks import PAPER, TASKS


@pytest.fixture(scope="module")
def registered(small_run, tmp_path_factory):
    """A working directory in which the small run was registered by the command line, and what that printed."""
    folder = tmp_path_factory.mktemp("registered")
    reports = small_run / "reports"
    paths = {
        "models": small_run / "models",
        "metrics": reports / "metrics.json",
        "evaluation": reports / "evaluation",
        "attention": reports / "attention",
        "report": reports / "index.html",
        "out": folder / "registered.json",
    }
    done = attune("register", *[part for name, path in paths.items() for part in (f"--{name}", path)],
                  "--params", json.dumps(SMALL), cwd=folder)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return folder


def attune(*arguments, cwd):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    command = [str(Path(sys.executable).with_name("attune")), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=900)


def test_the_registered_model_scores_the_corpus_it_was_trained_on(registered, small_run):
    utterances = pd.read_parquet(small_run / "data/validated/utterances.parquet").head(3)
    root = small_run / "data/corpus/IEMOCAP_full_release"
    done = attune("score", *[root / path for path in utterances["audio"]], "--out", "scores.csv", cwd=registered)
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(registered / "scores.csv")
    assert table[list(TASKS)].stack().between(1, 5).all()
    assert set(table["model"]) == {"attune/1"}


def test_registered_json_names_the_version(registered):
    about = json.loads((registered / "registered.json").read_text())
    assert {name: about[name] for name in ("name", "version", "tracking_uri")} == {
        "name": "attune", "version": "1", "tracking_uri": "sqlite:///mlflow.db"
    }  # fmt: skip


def test_pooled_predictions_with_their_truth_lie_beside_the_run(registered):
    [path] = registered.glob("mlartifacts/**/evaluation/predictions.parquet")
    table = pd.read_parquet(path)
    assert {"system", "fold", "utterance", "task", "predicted", "actual", "rating", "speaker"} <= set(table)
    assert (PAPER[0].to_class(table["rating"]) == table["actual"]).all()


def test_a_name_with_brackets_is_told_as_it_is(capsys):
    made = Registered("ours [red]", "1", "a1b2", "sqlite:///[/x].db", "d" * 64)
    register._tell(made, Params(), is_new=False)
    said = capsys.readouterr().out
    assert "ours [red] version 1" in said
    assert "sqlite:///[/x].db" in said
