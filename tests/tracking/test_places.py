"""Folders with odd names, and projects that are moved, copied or run by DVC elsewhere."""

import shutil
from pathlib import Path

import pytest
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from mlflow.tracking._tracking_service.utils import _artifact_repos_cache, _tracking_store_registry

from attune.errors import AttuneError
from attune.tracking import address, database
from attune.tracking import client as mlflow_client

ODD = ("a b", "a%20b", "who?", "no#1", "Müll ß", "50%", "a&b;c", "it's", 'say "x"', "a+b@c:d", "x\\y", "é" * 20)


def log(text="hello"):
    """A run with an artifact, by everything that the working directory says; its id, and where the artifact is."""
    client = mlflow_client.connect()
    run = client.create_run(mlflow_client.experiment_id(client)).info.run_id
    client.log_text(run, text, "notes/a.txt")
    return run


def read(run):
    client = mlflow_client.connect_to_read()
    return Path(client.download_artifacts(run, "notes/a.txt")).read_text()


@pytest.fixture
def at(tmp_path, new_database, monkeypatch, here):
    """Begin in a folder of this name, with MLflow's database in it."""

    def begin(name):
        folder = tmp_path / "projects" / name
        folder.mkdir(parents=True)
        shutil.copyfile(new_database.path, folder / "mlflow.db")
        monkeypatch.chdir(folder)
        monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
        forget()
        return folder

    return begin


def forget():
    """As in another process: what MLflow keeps of databases and folders by their addresses."""
    _tracking_store_registry._get_store_with_resolved_uri.cache_clear()
    SqlAlchemyStore._engine_map.clear()
    _artifact_repos_cache.clear()


@pytest.mark.parametrize("name", ODD)
def test_everything_stays_in_a_folder_whatever_its_name(at, name):
    folder = at(name)
    assert read(log()) == "hello"
    assert len(list(folder.glob("mlartifacts/*/artifacts/notes/a.txt"))) == 1
    assert {path.name for path in folder.iterdir()} == {"mlflow.db", "mlartifacts"}
    assert {path.name for path in folder.parent.iterdir()} == {name}
    assert address.shown() == "sqlite:///mlflow.db"


@pytest.mark.parametrize("name", ["moved", "moved to 50%", "moved\nto"])
def test_a_moved_project_finds_its_artifacts_and_says_so(at, monkeypatch, capsys, name):
    folder = at("before")
    run = log()
    moved = shutil.move(folder, folder.with_name(name))
    monkeypatch.chdir(moved)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert read(run) == "hello"
    said = capsys.readouterr().err
    assert f"The project was in {folder}" in said
    assert said.count("\n") == 1
    assert read(log("again")) == "again"
    assert capsys.readouterr().err == ""
    assert not folder.exists()


def test_a_copy_writes_into_itself_and_the_original_stays_as_it_was(at, monkeypatch):
    folder = at("original")
    run = log()
    before = sorted(folder.rglob("*"))
    copy = shutil.copytree(folder, folder.with_name("copy"))
    monkeypatch.chdir(copy)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    forget()
    client = mlflow_client.connect()
    client.log_text(run, "more", "notes/b.txt")
    log("another")
    assert sorted(folder.rglob("*")) == before
    assert len(list(copy.glob("mlartifacts/*/artifacts/notes/b.txt"))) == 1
    assert len(list(copy.glob("mlartifacts/*/artifacts/notes/a.txt"))) == 2


def test_a_database_copied_without_its_artifacts_is_refused(at, monkeypatch):
    folder = at("whole")
    log()
    alone = folder.with_name("alone")
    alone.mkdir()
    shutil.copy(folder / "mlflow.db", alone)
    monkeypatch.chdir(alone)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(
        AttuneError, match=r"(?s)copied without them.*MLFLOW_TRACKING_URI=sqlite:///.*/whole/mlflow\.db"
    ):
        mlflow_client.connect()


def test_a_database_of_somebody_elses_tables_is_left_alone(tmp_path):
    path = tmp_path / "other.db"
    path.write_bytes(b"")
    database.follow_the_project(path)
    assert path.read_bytes() == b""


@pytest.mark.parametrize("kind", ["standalone/tmp1", "tmp2", "standalone/tmp3/a part"])
def test_an_experiment_in_a_checkout_of_dvcs_uses_the_projects_database(at, monkeypatch, kind):
    folder = at("project")
    checkout = folder / ".dvc/tmp/exps" / kind
    checkout.mkdir(parents=True)
    monkeypatch.chdir(checkout)
    run = log()
    assert list(checkout.iterdir()) == []
    monkeypatch.chdir(folder)
    assert read(run) == "hello"
    assert len(list(folder.glob("mlartifacts/*/artifacts/notes/a.txt"))) == 1


def test_reading_makes_no_database_and_says_where_it_looked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(AttuneError, match=f"{tmp_path}/mlflow.db: there is no MLflow database yet"):
        mlflow_client.connect_to_read()
    assert list(tmp_path.iterdir()) == []
