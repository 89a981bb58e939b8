"""MLflow's database is made whole by the first of several processes, or not at all."""

import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from attune.errors import AttuneError
from attune.tracking import client, database

pytestmark = pytest.mark.slow

ADD_A_RUN = """
from attune.tracking import client
connected = client.connect()
connected.create_run(client.experiment_id(connected))
"""


@pytest.fixture
def nothing(tmp_path, monkeypatch):
    """A working directory without a database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return tmp_path


def start():
    return subprocess.Popen([sys.executable, "-c", ADD_A_RUN], stderr=subprocess.PIPE, text=True)


def runs(folder):
    with sqlite3.connect(folder / "mlflow.db") as connection:
        return connection.execute("SELECT count(*), count(DISTINCT experiment_id) FROM runs").fetchone()


def test_four_first_commands_at_once_lose_nothing(nothing):
    for process in [start() for _ in range(4)]:
        said = process.communicate()[1]
        assert process.returncode == 0, said
    assert runs(nothing) == (4, 1)
    assert os.listdir(nothing) == ["mlflow.db"]


def test_a_first_command_killed_in_the_middle_leaves_no_database_for_the_next(nothing):
    process = start()
    while not (begun := list(nothing.glob(".mlflow.db.*"))) or not begun[0].stat().st_size:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (nothing / "mlflow.db").exists()
    assert start().wait() == 0
    assert runs(nothing) == (1, 1)


def test_a_folder_that_cannot_be_made_is_one_message(nothing):
    (nothing / "file").write_text("not a folder")
    with pytest.raises(AttuneError, match=r"(?s)cannot be created .*MLFLOW_TRACKING_URI"):
        database.ensure(nothing / "file/mlflow.db")


def test_a_database_that_is_there_is_left_alone(nothing):
    (nothing / "mlflow.db").write_text("mine")
    database.ensure(nothing / "mlflow.db")
    database.follow_the_project(nothing / "mlflow.db")
    assert (nothing / "mlflow.db").read_text() == "mine"


def test_one_that_cannot_be_opened_is_named_at_once(nothing):
    (nothing / "mlflow.db").mkdir()
    with pytest.raises(AttuneError, match=r"mlflow\.db: MLflow's database cannot be opened"):
        client.connect_to_read()


def test_one_that_was_moved_and_cannot_be_written_is_named_and_not_its_artifacts(nothing, monkeypatch):
    path, connect = nothing / "mlflow.db", sqlite3.connect
    with connect(path) as connection:
        connection.execute("CREATE TABLE experiments (artifact_location)")
        connection.execute("INSERT INTO experiments VALUES ('file:///elsewhere/mlartifacts')")
    (nothing / "mlartifacts").mkdir()
    monkeypatch.setattr(sqlite3, "connect", lambda file, **_: connect(f"{file.as_uri()}?mode=ro", uri=True))
    with pytest.raises(AttuneError, match=r"mlflow\.db: this database was moved .* not writable\n  Make it writable"):
        database.follow_the_project(path)
