"""The same against a real MLflow server over HTTP, one that goes away and comes back included."""

import base64

import pytest
from mlflow_servers import Server
from registry_samples import voice, write_wav

from attune import environment
from attune.artifacts import registered
from attune.errors import AttuneError
from attune.registry import glance, running, versions
from attune.serving import batch_scoring
from attune.serving.listing import Item
from attune.steps import recording, register
from attune.tracking import client as mlflow_client
from attune.tracking import follow, sender, spool

SECRET = "s3cr3t-of-ada"


@pytest.fixture(scope="module")
def server(tmp_path_factory, new_database):
    folder = tmp_path_factory.mktemp("server")
    (folder / "server.db").write_bytes(new_database.path.read_bytes())
    with Server(folder) as running:
        yield running


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
    assert [metric.step for metric in client.get_metric_history(run.info.run_id, "learning/train_loss")] == [1, 2, 3]
    assert run.info.status == "FINISHED"
    assert not spool.pending(spool.folder())


@pytest.mark.slow
def test_registering_and_scoring_go_through_the_server_and_its_password_is_kept_nowhere(
    server, tracked, trained, params, monkeypatch, capfd
):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.address.replace("://", f"://ada:{SECRET}@"))
    with follow.follow("mtl-att", "session1", "t2", {"train": {"seed": 1}}) as record:
        record(epoch(1))
    reports = trained / "reports"
    paths = {
        "models": (trained / "models",),
        "metrics": reports / "metrics.json",
        "evaluation": reports / "evaluation",
        "attention": reports / "attention",
        "report": reports / "index.html",
        "out": tracked / "registered.json",
    }
    register.run(params, **paths)
    made = registered.read(paths["out"])
    assert made.tracking_uri == server.address
    assert glance.look("attune", made.model) == (made.version, made.run_id, {"candidate": made.version})
    monkeypatch.setattr(recording, "record", None)  # not asked again: the glance is enough
    register.run(params, **paths)
    assert registered.read(paths["out"]) == made
    assert not (tracked / "mlartifacts").exists()
    assert list(server.folder.glob("stored/**/folds/session2/model.safetensors"))
    path = write_wav(tracked / "a.wav", voice(0.3))
    with running.load(versions.find(mlflow_client.connect())) as model:
        assert batch_scoring.score(model, [Item(path)]).loc[0, "arousal"] > 1
    said = capfd.readouterr()
    assert SECRET not in said.out + said.err
    forms = [form.encode() for form in (SECRET, base64.b64encode(f"ada:{SECRET}".encode()).decode())]
    kept = [path for folder in (tracked, server.folder) for path in folder.rglob("*") if path.is_file()]
    assert len(kept) > 50, "a database, a spool, and all that was logged"
    assert [path for path in kept if any(form in path.read_bytes() for form in forms)] == []
