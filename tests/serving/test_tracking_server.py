"""The same against a real MLflow server over HTTP, one that goes away and comes back included."""

import base64
import tempfile

import pytest
import repeating_proxy
import requests
import tiny_disk
import tls_proxy
from mlflow_servers import PROXIED, Server
from registry_samples import voice, write_wav

from attune import environment
from attune.artifacts import registered
from attune.errors import AttuneError
from attune.promotion import champion, history
from attune.registry import glance, run_files, running, versions
from attune.serving import batch_scoring
from attune.serving.listing import Item
from attune.steps import register
from attune.steps.gathering import recording
from attune.tasks import PAPER
from attune.tracking import address, creating
from attune.tracking import client as mlflow_client
from attune.tracking.sending import follow, sender, spool

pytestmark = pytest.mark.slow

SECRET = "s3cr3t-of-ada"
ADMIN = ("admin", "the-admins-own-12")
PREFIX = "/team/mlflow"


@pytest.fixture(scope="module")
def server(tmp_path_factory, new_database):
    """One that asks for a password: `ada` and `bob` have accounts, and may read what they did not make themselves."""
    folder, settings = tmp_path_factory.mktemp("server"), tmp_path_factory.mktemp("settings") / "auth.ini"
    (folder / "server.db").write_bytes(new_database.path.read_bytes())
    said = {"default_permission": "READ", "database_uri": "sqlite:///auth.db", "admin_username": ADMIN[0]}
    said["auth_cache_ttl_seconds"] = "3600"  # else each request costs the hash of a password
    settings.write_text("\n".join(["[mlflow]", *(f"{name} = {value}" for name, value in said.items())]))
    variables = {"MLFLOW_AUTH_CONFIG_PATH": str(settings), "MLFLOW_AUTH_ADMIN_PASSWORD": ADMIN[1]}
    variables["MLFLOW_FLASK_SERVER_SECRET_KEY"] = "of the session"
    with Server(folder, *PROXIED, "--app-name", "basic-auth", variables=variables) as running:
        for name in ("ada", "bob"):
            account = {"username": name, "password": SECRET}
            made = requests.post(
                f"{running.address}/api/2.0/mlflow/users/create", json=account, auth=ADMIN, timeout=300
            )
            assert made.ok, made.text
        yield running


@pytest.fixture
def tracked(server, here, monkeypatch):
    monkeypatch.delenv(environment.TRACKING, raising=False)
    monkeypatch.setattr(follow, "_start_sender", lambda: None)
    monkeypatch.setattr(follow, "_check_once", lambda place: None)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.address)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    sign_in(monkeypatch, "ada")
    return here


def sign_in(monkeypatch, name, password=SECRET):
    monkeypatch.setenv(environment.MLFLOW_USER, name)
    monkeypatch.setenv(environment.MLFLOW_PASSWORD, password)


def epoch(number):
    return {"network": "joint", "epoch": number, "train_loss": 1.0 / number}


def run_step(params, trained, out):
    reports = trained / "reports"
    register.run(
        params,
        models=(trained / "models",),
        metrics=reports / "metrics.json",
        evaluation=reports / "evaluation",
        attention=reports / "attention",
        report=reports / "index.html",
        out=out,
    )


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
    monkeypatch.delenv(environment.MLFLOW_USER)
    monkeypatch.delenv(environment.MLFLOW_PASSWORD)
    with follow.follow("mtl-att", "session1", "t2", {"train": {"seed": 1}}) as record:
        record(epoch(1))
    run_step(params, trained, tracked / "registered.json")
    made = registered.read(tracked / "registered.json")
    assert made.tracking_uri == server.address
    assert glance.look("attune", made.model) == (made.version, made.run_id, {"candidate": made.version})
    monkeypatch.setattr(recording, "record", None)  # not asked again: the glance is enough
    run_step(params, trained, tracked / "registered.json")
    assert registered.read(tracked / "registered.json") == made
    assert not (tracked / "mlartifacts").exists()
    assert list(server.folder.glob("stored/**/folds/session2/model.safetensors"))
    path = write_wav(tracked / "a.wav", voice(0.3))
    with running.load(versions.find(mlflow_client.connect())) as model:
        assert batch_scoring.score(model, [Item(path)]).loc[0, "arousal"] > 1
        assert model.tasks == PAPER
    said = capfd.readouterr()
    assert SECRET not in said.out + said.err
    forms = [form.encode() for form in (SECRET, base64.b64encode(f"ada:{SECRET}".encode()).decode())]
    kept = [path for folder in (tracked, server.folder) for path in folder.rglob("*") if path.is_file()]
    assert len(kept) > 50, "a database, a spool, and all that was logged"
    assert [path for path in kept if any(form in path.read_bytes() for form in forms)] == []


def test_a_full_disk_under_a_downloaded_version_is_named_and_nothing_stays_there(
    server, tracked, trained, params, monkeypatch
):
    run_step(params, trained, tracked / "registered.json")
    version = versions.find(mlflow_client.connect())
    with tiny_disk.mounted(tracked / "disk", "16k") as disk:
        monkeypatch.setattr(tempfile, "tempdir", str(disk))
        for size in ("16k", "256k", "1m"):
            tiny_disk.resize(disk, size)
            with pytest.raises(AttuneError, match=r"the disk is full: .*too few for the files of attune/") as caught:
                versions.fetch(version)
            assert str(caught.value.where).startswith(f"{disk}/")
            assert "TMPDIR" in caught.value.remedy
            assert list(disk.iterdir()) == []
        tiny_disk.resize(disk, "60m")
        assert versions.fetch(version).is_dir()


def test_a_wrong_password_is_told_and_stops_a_training_run_before_it_begins(server, tracked, monkeypatch):
    sign_in(monkeypatch, "ada", "mistyped-password")
    with pytest.raises(AttuneError, match="did not accept those it got") as caught:
        mlflow_client.connect()
    assert "MLFLOW_TRACKING_PASSWORD" in str(caught.value)
    assert not caught.value.passes
    assert "mistyped-password" not in str(caught.value)


def test_an_account_without_the_permission_is_told_so(server, tracked, monkeypatch):
    mlflow_client.experiment_id(mlflow_client.connect())  # ada's own
    sign_in(monkeypatch, "bob")
    client = mlflow_client.connect()
    refused = pytest.raises(AttuneError, match="this account may not do that on the server")
    with refused as caught, mlflow_client.answering():
        client.create_run(mlflow_client.experiment_id(client))
    assert "another account" in caught.value.remedy


@pytest.mark.parametrize("which", [None, "champion", "1", "latest", "nobodys", "nobodys/1", "nobodys@champion"])
def test_to_an_account_a_model_that_is_not_there_is_missing_not_forbidden(server, tracked, monkeypatch, which):
    sign_in(monkeypatch, "bob")
    with pytest.raises(AttuneError, match="is registered") as caught:
        champion.find(mlflow_client.connect_to_read(), which, "not-there")
    assert str(caught.value).startswith(server.address)


@pytest.fixture
def proxied(server, tracked, tmp_path_factory, monkeypatch):
    """The same server, by TLS under a private authority, below a path; the file with the authority's certificate."""
    with tls_proxy.before(server.port, PREFIX, tmp_path_factory.mktemp("authority")) as (address, certificate):
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        yield certificate


def test_a_private_authority_is_not_trusted_until_its_certificate_is_named(proxied):
    with pytest.raises(AttuneError, match="certificate is not trusted here") as caught:
        mlflow_client.connect()
    assert "MLFLOW_TRACKING_SERVER_CERT_PATH" in caught.value.remedy


def test_a_forgotten_path_of_the_proxy_is_told(proxied, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(proxied))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address.exact().removesuffix(PREFIX))
    with pytest.raises(AttuneError, match="what answers there is not MLflow") as caught:
        mlflow_client.connect()
    assert "the path that a proxy adds" in caught.value.remedy


@pytest.mark.parametrize("variable", ["MLFLOW_TRACKING_SERVER_CERT_PATH", "REQUESTS_CA_BUNDLE"])
def test_behind_a_proxy_everything_is_found_read_and_written(proxied, monkeypatch, variable):
    monkeypatch.setenv(variable, str(proxied))
    client = mlflow_client.connect()
    made = client.create_run(mlflow_client.experiment_id(client)).info.run_id
    client.log_text(made, "{}", "lineage/lineage.json")
    assert run_files.fetch(client, made, "lineage/lineage.json").read_text() == "{}"
    version = versions.find(client)
    assert glance.look("attune", version.tags["attune.model"]).version == version.version
    assert versions.fetch(version).joinpath("artifacts/folds/session1/model.json").exists()
    assert glance.experiment_of(made) == mlflow_client.experiment_id(client)


@pytest.fixture
def lost(server, tracked, monkeypatch):
    """A slow server stores what it was asked, and the answer is lost: MLflow's client asks again, for everything."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0")
    with repeating_proxy.before(server.port) as lost:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", lost.address)
        yield lost


def test_what_is_asked_for_twice_is_there_once(lost, tracked, trained, params, monkeypatch):
    monkeypatch.setenv(environment.MLFLOW_EXPERIMENT_NAME, "slow")
    params = params.model_copy(update={"register_": params.register_.model_copy(update={"name": "slow"})})
    with follow.follow("mtl-att", "session1", "t1", {"train": {"seed": 1}}) as record:
        record({"network": "joint", "epoch": 1, "train_loss": 3.0})
    assert sender.sync() == (0, [])
    for _ in range(2):
        run_step(params, trained, tracked / "registered.json")
    client = mlflow_client.connect()
    for number in range(2):
        entries = history.read(client, "slow")
        assert len(entries) == number
        entry = history.Entry("promote", "1", history.last_number(entries), "ada", "better")
        assert history.append(client, "slow", entry)
        champion.settle(client, "slow")

    asked = {path.removeprefix("/api/2.0/mlflow/") for _, path in lost.requests}
    assert {"experiments/create", "runs/create", "logged-models", "registered-models/create"} <= asked
    assert {"model-versions/create", "runs/outputs", "registered-models/alias"} <= asked
    experiment = client.get_experiment_by_name("slow").experiment_id
    runs = client.search_runs([experiment])
    assert len(runs) == len({run.data.tags["mlflow.runName"] for run in runs}) == 3  # the parent and two folds
    assert {run.info.status for run in runs} == {"FINISHED"}
    [model] = client.search_logged_models([experiment])
    assert model.status == "READY"
    [version] = client.search_model_versions("name='slow'")
    assert version.source == f"models:/{model.model_id}"
    assert {versions.find(client, which, "slow").version for which in ("champion", "candidate")} == {version.version}


def test_what_is_stored_after_everybody_has_gone_is_removed_by_the_next(lost, monkeypatch):
    client = mlflow_client.connect()
    experiment = mlflow_client.experiment_id(client)
    kept = creating.run(client, experiment, "kept", {})
    late = client.create_run(experiment, tags={"attune.request": "f" * 32}).info.run_id
    creating.sweep(client, experiment)
    assert client.get_run(late).info.lifecycle_stage == "active"  # somebody may be about to be told of it
    monkeypatch.setattr(creating, "_LATE", -5.0)
    creating.sweep(client, experiment)
    gone = client.get_run(late).info
    assert (gone.lifecycle_stage, gone.status) == ("deleted", "KILLED")
    assert client.get_run(kept).info.lifecycle_stage == "active"
