"""The same against a real MLflow server over HTTP, one that goes away and comes back included."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from registry_samples import voice, write_wav

from attune import environment
from attune.errors import AttuneError
from attune.registry import running, versions
from attune.serving import batch_scoring
from attune.serving.listing import Item
from attune.steps import register
from attune.tracking import client as mlflow_client
from attune.tracking import follow, sender, spool


class Server:
    """`mlflow server` on a database and a folder, which can be stopped and started again."""

    def __init__(self, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder, self.address, self.process = folder, f"http://127.0.0.1:{self.port}", None

    def start(self):
        mlflow = Path(sys.executable).with_name("mlflow")
        command = [mlflow, "server", "--port", str(self.port), "--backend-store-uri", "sqlite:///server.db"]
        command += ["--artifacts-destination", "./stored", "--serve-artifacts", "--workers", "1"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW")}
        environment["MLFLOW_DISABLE_TELEMETRY"] = "true"
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + 240
        while True:
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < until, (self.folder / "log").read_text()
            try:
                urllib.request.urlopen(f"{self.address}/health", timeout=5)
                return
            except OSError:
                time.sleep(0.3)

    def stop(self):
        if self.process:
            os.killpg(self.process.pid, 15)
            self.process.wait(60)
            self.process = None


@pytest.fixture(scope="module")
def server(tmp_path_factory, new_database):
    folder = tmp_path_factory.mktemp("server")
    (folder / "server.db").write_bytes(new_database.path.read_bytes())
    running = Server(folder)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def tracked(server, here, monkeypatch):
    monkeypatch.delenv(environment.TRACKING, raising=False)
    monkeypatch.setattr(follow, "_start_sender", lambda: None)
    monkeypatch.setattr(follow, "_check_once", lambda place: None)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.address)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    return here


def epoch(number):
    return {"network": "joint", "epoch": number, "train_loss": 1.0 / number}


@pytest.mark.slow
def test_a_server_that_goes_away_and_comes_back_misses_nothing(server, tracked):
    with follow.follow("mtl-att", "session1", "t1", {"train": {"seed": 1}}) as record:
        record(epoch(1))
        assert sender.sync() == (1, [])
        server.stop()
        record(epoch(2))
        with pytest.raises(AttuneError, match=server.address):
            sender.sync()
        record(epoch(3))
    server.start()
    assert sender.sync() == (0, [])
    client = mlflow_client.connect()
    [run] = client.search_runs([mlflow_client.experiment_id(client)], "tags.`attune.fold` = 'session1'")
    assert [metric.step for metric in client.get_metric_history(run.info.run_id, "train_loss")] == [1, 2, 3]
    assert run.info.status == "FINISHED"
    assert not spool.pending(spool.folder())


@pytest.mark.slow
def test_registering_and_scoring_go_through_the_server(server, tracked, trained, params):
    reports = trained / "reports"
    register.run(
        params,
        models=(trained / "models",),
        metrics=reports / "metrics.json",
        evaluation=reports / "evaluation",
        attention=reports / "attention",
        report=reports / "index.html",
        out=tracked / "registered.json",
    )
    assert json.loads((tracked / "registered.json").read_text())["tracking_uri"] == server.address
    assert not (tracked / "mlartifacts").exists()
    assert list(server.folder.glob("stored/**/folds/session2/model.safetensors"))
    path = write_wav(tracked / "a.wav", voice(0.3))
    with running.load(versions.find(mlflow_client.connect())) as model:
        assert batch_scoring.score(model, [Item(path)]).loc[0, "arousal"] > 1
