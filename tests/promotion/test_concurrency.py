"""Many promote and roll back at once, some die in the middle: the history stays one line with one champion."""

import json
from collections import Counter

import pytest
from promotion_postgres import mlflow_on_postgresql
from promotion_samples import predictions, register
from promotion_workers import PROCESSES, die_before, work

from attune.promotion import champion, history
from attune.tracking import client as mlflow_client

pytestmark = pytest.mark.slow

PROMOTIONS, ROLLBACKS = 8, 4
FIRST = ROLLBACKS + 1  # promoted one after the other, so that there is something to go back to, whoever comes first


@pytest.fixture(params=["sqlite", "postgresql"])
def uri(request, here, monkeypatch):
    """SQLite opened by every process itself; one MLflow server on PostgreSQL that all talk to."""
    if request.param == "sqlite":
        address = f"sqlite:///{here}/mlflow.db"
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        yield address
        return
    with mlflow_on_postgresql(here) as address:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        yield address


def start(target, *arguments):
    process = PROCESSES.Process(target=target, args=arguments)
    process.start()
    return process


def test_a_dozen_at_once_leave_one_line_one_champion_and_lose_nothing(here, uri):
    register(predictions(0.1, per_dialog=3))
    client = mlflow_client.connect()
    first = client.get_model_version("attune", "1")
    for _ in range(FIRST + PROMOTIONS - 1):
        client.create_model_version("attune", first.source, first.run_id, tags=first.tags)
    for version in range(1, FIRST + 1):
        entry = history.Entry("promote", str(version), version - 1, "ada", "first")
        assert history.append(client, "attune", entry)

    go = PROCESSES.Event()
    tasks = [f"promote:{FIRST + 1 + number}" for number in range(PROMOTIONS)] + ["rollback"] * ROLLBACKS
    processes = [start(work, here, uri, task, go) for task in tasks]
    go.set()
    for process in processes:
        process.join(timeout=400)
    said = [json.loads(path.read_text()) for path in here.glob("said-*.json")]
    assert [process.exitcode for process in processes] == [0] * len(tasks)
    assert len(said) == len(tasks)

    line = line_of(client)
    told = Counter(one["did"] for one in said)
    assert told["accepted"] == PROMOTIONS, said
    assert sorted(one["version"] for one in line if one["action"] == "promote") == sorted(
        str(version) for version in range(1, FIRST + PROMOTIONS + 1)
    )
    done = [one["number"] for one in said if one["did"] == "rollback"]
    assert sorted(done) == [one["number"] for one in line if one["action"] == "rollback"]
    assert len(done) + told["error"] == ROLLBACKS
    assert [one for one in said if one["did"] == "error" and "at the same moment" not in one["error"]] == []

    assert champion.aliased(client, "attune") == reigning(line)
    assert [entry.number for entry in history.read(client, "attune")] == [one["number"] for one in line]
    assert len(client.search_model_versions("name='attune.history'")) >= len(line)


def line_of(client):
    """The history by a second reading: from 0, always the lowest number that follows the one before."""
    stored = [
        {"number": int(version.version)}
        | {key.removeprefix("attune.history."): value for key, value in version.tags.items()}
        for version in client.search_model_versions("name='attune.history'", max_results=1000)
    ]
    line, last = [], 0
    while following := [one for one in stored if int(one["after"]) == last]:
        line.append(min(following, key=lambda one: one["number"]))
        last = line[-1]["number"]
    return line


def reigning(line):
    stack = []
    for one in line:
        if one["action"] == "promote":
            stack.append(one["version"])
        else:
            stack.pop()
            assert one["version"] == stack[-1]
    return stack[-1]


@pytest.mark.parametrize("uri", ["sqlite"], indirect=True)
def test_killed_between_history_and_alias_the_next_command_puts_it_right(here, uri):
    for _ in range(2):
        register(predictions(0.1, per_dialog=3))
    client = mlflow_client.connect()
    first = history.append(client, "attune", history.Entry("promote", "1", 0, "ada", "first"))
    champion.settle(client, "attune")

    process = start(die_before, "set_registered_model_alias", here, uri, "2")
    process.join(timeout=400)
    assert process.exitcode == -9
    assert champion.aliased(client, "attune") == "1"
    assert [entry.version for entry in history.read(client, "attune")] == ["1", "2"]
    assert champion.settle(client, "attune")
    assert champion.aliased(client, "attune") == "2"
    assert champion.rollback(client, "attune", "no lock was left behind").version == first.version


@pytest.mark.parametrize("uri", ["sqlite"], indirect=True)
def test_killed_before_the_history_is_written_nothing_has_happened(here, uri):
    register(predictions(0.1, per_dialog=3))
    client = mlflow_client.connect()
    process = start(die_before, "create_model_version", here, uri, "1")
    process.join(timeout=400)
    assert process.exitcode == -9
    assert history.read(client, "attune") == []
    assert champion.aliased(client, "attune") is None
    assert history.append(client, "attune", history.Entry("promote", "1", 0, "ada", "after all"))
