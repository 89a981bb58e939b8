"""The scoring server answers what it can, refuses the rest with a reason, and stays up."""

import base64
import io
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
import soundfile
from ports import free_port
from registry_samples import FOLDS, RATE, voice, write_wav

from attune.model import bundle
from attune.registry import versions
from attune.tasks import TASKS
from attune.tracking import client as mlflow_client

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address(trained, new_database, tmp_path_factory):
    """A server on a registered version, as `attune serve` starts it."""
    folder = tmp_path_factory.mktemp("serving")
    (folder / "mlflow.db").write_bytes(new_database.path.read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder / 'mlflow.db'}")
        client = mlflow_client.connect()
        run = client.create_run(mlflow_client.experiment_id(client)).info.run_id
        folds = {fold: trained / "models/mtl-att" / fold for fold in FOLDS}
        versions.register(client, run, "attune", folds, {})
        environment = dict(os.environ)
    (folder / "allowed").mkdir()
    write_wav(folder / "allowed/a.wav", voice(0.3))
    write_wav(folder / "secret.wav", voice(0.3))
    attune = Path(sys.executable).with_name("attune")
    command = [attune, "serve", "--port", str(port := free_port()), "--largest-request", "2", "--paths", "allowed"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        yield wait_for(f"http://127.0.0.1:{port}", process, folder / "log")
    finally:
        process.terminate()
        process.wait(120)


def wait_for(address, process, log):
    until = time.monotonic() + 400
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(f"{address}/ping", timeout=5)
        except OSError:
            time.sleep(0.3)
        else:
            return address
    raise AssertionError(log.read_text())


def post(address, body, content_type="application/json"):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(f"{address}/invocations", data)
    request.add_header("content-type", content_type)
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def wav(wave, rate=RATE, file_format="WAV"):
    file = io.BytesIO()
    soundfile.write(file, wave, rate, format=file_format, subtype="PCM_16")
    return base64.b64encode(file.getvalue()).decode()


def test_audio_in_base64_comes_back_with_the_networks_numbers(address, trained):
    waves = [voice(0.5), voice(0.1, seed=1)]
    records = [{"audio": wav(waves[0])}, {"audio": wav(waves[1], file_format="FLAC")}]
    status, answer = post(address, {"dataframe_records": records})
    assert status == 200
    members = [bundle.load(trained / "models/mtl-att" / fold) for fold in FOLDS]
    for row, wave in zip(answer["predictions"], waves, strict=True):
        for task in TASKS:
            expected = np.mean([member.predict([wave])[0].scores[task] for member in members])
            assert row[task] == pytest.approx(expected, abs=1e-6)


def test_stereo_at_another_rate_silence_and_arrays_are_answered_together_with_attention(address):
    records = [
        {"audio": wav(np.stack([voice(0.3, 44_100)] * 2, axis=1), 44_100)},
        {"samples": [0.1, -0.1] * 2000, "rate": 8000},
        {"path": "allowed/a.wav"},
    ]
    status, answer = post(address, {"dataframe_records": records, "params": {"attention": True}})
    assert status == 200
    for row in answer["predictions"]:
        assert len(row["arousal_attention"]) == len(row["attention_seconds"])
        assert sum(row["arousal_attention"]) == pytest.approx(1, abs=1e-4)
    assert len(answer["predictions"][1]["attention_seconds"]) == 47  # half a second


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"audio": "AAAAAAAA"}, "cannot be decoded"),
        ({"audio": "%%%"}, "not base64"),
        ({"audio": 5}, ""),
        ({"samples": [0.1, float("nan")] * 4000, "rate": 16000}, "NaN"),
        ({"samples": [], "rate": 16000}, "contains no samples"),
        ({"samples": "loud", "rate": 16000}, "samples"),
        ({"samples": [0.1] * 4000}, "need a rate"),
        ({"something": 1}, ""),
        ({"path": "secret.wav"}, "reads only paths below allowed"),
        ({"path": "allowed/../secret.wav"}, "reads only paths below allowed"),
        ({"path": "allowed/gone.wav"}, "no such"),
    ],
)
def test_a_record_that_is_no_audio_is_the_clients_fault(address, record, reason):
    status, answer = post(address, {"dataframe_records": [{"samples": [0.1, -0.1] * 2000, "rate": 16000}, record]})
    assert status == 400
    assert reason in answer


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"dataframe_records": 5}', b'{"inputs": 5}', b"\xff\xfe"])
def test_a_body_that_is_no_request_is_the_clients_fault(address, body):
    assert post(address, body)[0] == 400


def test_other_content_is_not_supported(address):
    assert post(address, b"x", "image/png")[0] == 415


def test_a_large_body_is_refused_with_the_limit(address):
    status, answer = post(address, bytes(9_000_000))
    assert status == 413
    assert "2 MB" in answer


def test_unknown_params_are_the_clients_fault(address):
    body = {"dataframe_records": [{"samples": [0.1, -0.1] * 2000, "rate": 16000}], "params": {"errors": "ignore"}}
    assert post(address, body)[0] == 400


def test_after_all_this_the_server_is_up(address):
    assert post(address, {"dataframe_records": [{"samples": [0.1, -0.1] * 2000, "rate": 16000}]})[0] == 200
