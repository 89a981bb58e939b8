"""docs/own-data.md from its first command to its last: twelve speakers in FLAC files, rated on seven points for two
dimensions by names of their own, and by mood; checked, trained on, shown, registered, promoted, asked and served."""

import base64
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import own_recordings
import pandas as pd
import pytest
import soundfile
from mlflow_fixtures import Database
from own_project import carried_out, section
from ports import free_port

pytestmark = pytest.mark.slow

SETTINGS, COMMANDS = section(0)
FOLDS = SETTINGS["folds"]


@pytest.fixture(scope="module")
def project(tmp_path_factory, new_database: Database):
    """Everything up to `attune promote`, run in a repository as the page says; the output by command."""
    folder = tmp_path_factory.mktemp("my own data")
    own_recordings.write(folder / "data/raw/mine")
    (folder / "recordings").mkdir()
    sound = np.random.default_rng(99).normal(0, 0.05, 22050)
    soundfile.write(folder / "recordings/new.wav", sound, 44100)
    with carried_out(folder, SETTINGS, COMMANDS, new_database) as said:
        yield folder, said


def test_what_is_looked_at_first_is_shown_by_the_names_of_the_corpus(project):
    shown = " ".join(project[1]["attune corpus check"].split())
    assert "72 accepted, 0 refused" in shown
    assert "arousal │ 1 to 7" in shown
    assert "mood" in shown
    assert "dominance" not in shown


def test_predictions_and_truth_are_on_the_corpus_own_scale(project):
    tested = pd.read_parquet(project[0] / "reports/evaluation/predictions.parquet")
    assert set(tested["task"]) == {"arousal", "tension", "mood"}
    rated = tested[tested["task"] != "mood"]
    assert set(rated["rating"].round(9)) == set(own_recordings.RATINGS)
    assert rated["score"].between(1, 7).all()
    moods = tested[tested["task"] == "mood"]
    assert moods["score"].isna().all()
    assert np.allclose(moods[["cross", "glad", "even", "low"]].sum(axis=1), 1)
    assert (moods["actual"] == moods["rating"]).all()


def test_scores_are_those_that_a_task_can_have(project):
    metrics = json.loads((project[0] / "reports/metrics.json").read_text())["3-fold"]["mtl-att"]["test"]
    assert {task: set(scores) for task, scores in metrics.items()} == {
        "arousal": {"uar", "ccc", "mae"}, "tension": {"uar", "ccc", "mae"}, "mood": {"uar"}
    }  # fmt: skip


def test_page_and_card_name_the_tasks_there_are_and_their_scales(project):
    page = (project[0] / "reports/index.html").read_text()
    text = " ".join(re.sub(r"<style>.*?</style>|<script>.*?</script>|<[^>]+>", " ", page, flags=re.DOTALL).split())
    assert "Arousal, tension and mood" in text
    assert set(re.findall(r'<h4 class="task (\w+)"', page)) == {"arousal", "tension", "mood"}
    card = project[1][next(line for line in COMMANDS if "card" in line)]
    assert "from 1 to 7" in " ".join(card.split())
    assert "the probability of each mood: cross, glad, even or low" in " ".join(card.split())


def test_the_model_is_promoted_and_scores_a_new_recording(project):
    folder, said = project
    assert "champion" in said["attune promote"]
    scores = pd.read_csv(folder / "scores.csv").iloc[0]
    assert 1 <= scores["arousal"] <= 7
    assert 1 <= scores["tension"] <= 7
    assert scores[["mood_cross", "mood_glad", "mood_even", "mood_low"]].sum() == pytest.approx(1)
    assert not {"mood", "valence", "dominance"} & set(scores.index)


def test_the_registered_signature_names_the_tasks(project):
    from mlflow.models import Model

    found = next(project[0].rglob("MLmodel"))
    outputs = Model.load(found).signature.outputs.input_names()
    assert outputs[:2] == ["arousal", "tension"]
    assert "mood_glad" in outputs
    assert "mood_attention" in outputs


def test_it_is_served_until_ctrl_c(project):
    folder = project[0]
    (line,) = (line for line in COMMANDS if line.startswith("attune serve"))
    port = free_port()
    program = [str(Path(sys.executable).with_name("attune")), *shlex.split(line)[1:], "--port", str(port)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(program, cwd=folder, env=dict(os.environ), stdout=log, stderr=log)
    try:
        sound = base64.b64encode((folder / "recordings/new.wav").read_bytes()).decode()
        answer = asked(f"http://127.0.0.1:{port}/invocations", {"dataframe_records": [{"audio": sound}]}, server)
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(120) == 0
    (scores,) = answer["predictions"]
    written = pd.read_csv(folder / "scores.csv").iloc[0]
    for name in ("arousal", "tension", "mood_glad"):
        assert scores[name] == pytest.approx(written[name], abs=1e-5)
    assert (folder / "log").read_text().count("\n") == 1


def asked(address, request, server):
    body, until = json.dumps(request).encode(), time.monotonic() + 400
    while True:
        assert server.poll() is None
        try:
            call = urllib.request.Request(address, body, {"content-type": "application/json"})
            with urllib.request.urlopen(call, timeout=120) as reply:
                return json.loads(reply.read())
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.5)
