"""A version serves over HTTP where nothing is installed but what it says it needs."""

import base64
import io
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import linked_environment
import mlflow
import numpy as np
import pytest
import soundfile
from ports import free_port
from registry_samples import FOLDS, RATE, voice

from attune.model import bundle
from attune.registry import package

ELSEWHERE = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MLFLOW", "ATTUNE"))}


@pytest.fixture(scope="module")
def saved(trained, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fresh") / "model"
    with package.arguments({fold: trained / "models/mtl-att" / fold for fold in FOLDS}) as arguments:
        mlflow.pyfunc.save_model(folder, **arguments)
    return folder


@pytest.fixture(scope="module")
def environment(saved):
    """A new virtual environment with the version's requirements, as pip sees it, and without attune."""
    requirements = (saved / "requirements.txt").read_text().splitlines()
    names = {line.partition("==")[0] for line in requirements if not line.startswith("-")}
    programs = linked_environment.make(saved.parent / "environment", names)
    pip = [sys.executable, "-m", "pip", "--python", programs / "python", "install", "--no-index", "--dry-run"]
    done = subprocess.run(
        [*pip, "-r", "requirements.txt"], cwd=saved, env=ELSEWHERE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Would install" not in done.stdout
    return programs


@pytest.fixture(scope="module")
def address(saved, environment):
    port = free_port()
    command = [environment / "mlflow", "models", "serve", "-m", saved, "-p", str(port), "--env-manager", "local"]
    variables = ELSEWHERE | {"PATH": f"{environment}:{os.environ['PATH']}", "MLFLOW_DISABLE_TELEMETRY": "true"}
    with (saved.parent / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=saved.parent, env=variables, stdout=log, stderr=log, start_new_session=True
        )
    try:
        until = time.monotonic() + 400
        while True:
            assert process.poll() is None, (saved.parent / "log").read_text()
            assert time.monotonic() < until, (saved.parent / "log").read_text()
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=5)
                break
            except OSError:
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/invocations"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(60)


def post(address, record):
    body = json.dumps({"dataframe_records": [record], "params": {"attention": True}}).encode()
    request = urllib.request.Request(address, body, {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.slow
def test_mlflow_models_serve_answers_with_the_networks_numbers(address, trained):
    wave = voice(0.5)
    file = io.BytesIO()
    soundfile.write(file, np.stack([wave, wave], 1), RATE, format="FLAC", subtype="PCM_16")
    status, answer = post(address, {"audio": base64.b64encode(file.getvalue()).decode()})
    assert status == 200, answer
    [row] = answer["predictions"]
    members = [bundle.load(trained / "models/mtl-att" / fold) for fold in FOLDS]
    expected = np.mean([member.predict([wave])[0].scores["valence"] for member in members])
    assert row["valence"] == pytest.approx(expected, abs=1e-6)
    assert len(row["attention_seconds"]) == 47


@pytest.mark.slow
def test_it_resamples_refuses_and_stays_up(address):
    assert post(address, {"audio": "AAAA"})[0] == 400
    assert post(address, {"samples": [float("nan")] * 8000, "rate": 8000})[0] == 400
    assert post(address, {"path": "/etc/hostname"})[0] == 400
    assert post(address, {"samples": [0.1, -0.1] * 2205, "rate": 44_100})[0] == 200
