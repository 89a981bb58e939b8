"""A training is followed at no cost to it, and what it leaves on disk reaches MLflow once and in order."""

import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import attune
from attune import environment, tags
from attune.errors import AttuneError
from attune.tasks import TASKS
from attune.tracking import client as mlflow_client
from attune.tracking import run_tree, runs
from attune.tracking.sending import follow, machine, sender, spool

pytestmark = pytest.mark.slow

PARAMETERS = {"protocol": "loso5", "train": {"seed": 1}}


@pytest.fixture
def tracked(here, monkeypatch):
    """A folder in which trainings are followed, but nothing is sent before a test says so."""
    monkeypatch.delenv(environment.TRACKING, raising=False)
    monkeypatch.delenv(environment.PIPELINE_RUN, raising=False)
    monkeypatch.setattr(follow, "_start_sender", lambda: None)
    monkeypatch.setattr(follow, "_check_once", lambda place: None)  # tests/tracking/test_check.py is about that
    return here


def row(epoch, network="joint"):
    uar = {f"development_uar_{task}": 0.3 + 0.01 * epoch for task in TASKS}
    return {"network": network, "epoch": epoch, "train_loss": 3.0 / epoch, **uar}


def train(epochs, fold="session1", training="t1", fail=False):
    with follow.follow("mtl-att", fold, training, PARAMETERS) as record:
        for epoch in epochs:
            record(row(epoch))
        if fail:
            1 / 0  # noqa: B018


def losses(client, run_id):
    return [(metric.step, metric.value) for metric in client.get_metric_history(run_id, "learning/train_loss")]


def nested(client):
    found = client.search_runs([mlflow_client.experiment_id(client)], order_by=["attributes.start_time ASC"])
    return [run for run in found if tags.PARENT in run.data.tags]


def parents(client):
    found = client.search_runs([mlflow_client.experiment_id(client)])
    return [run for run in found if tags.PARENT not in run.data.tags]


def test_what_a_training_said_is_sent_in_order_under_one_parent(tracked):
    train([1, 2, 3])
    train([1], fold="session2")
    assert sender.sync() == (0, [])
    client = mlflow_client.connect()
    first, second = nested(client)
    assert losses(client, first.info.run_id) == [(1, 3.0), (2, 1.5), (3, 1.0)]
    assert first.info.status == "FINISHED"
    assert first.data.params["train.seed"] == "1"
    [parent] = parents(client)
    assert {run.data.tags[tags.PARENT] for run in (first, second)} == {parent.info.run_id}
    assert parent.info.status == "RUNNING"
    assert not spool.pending(spool.folder())


def test_syncing_again_sends_nothing_twice(tracked, monkeypatch):
    train([1, 2])
    monkeypatch.setattr(spool, "remove", lambda path: None)  # as if it died before it could tidy up
    sender.sync()
    sender.sync()
    for mark in spool.folder().glob("*.sent"):
        mark.unlink()  # as if it died before it could remember anything
    sender.sync()
    client = mlflow_client.connect()
    [run] = nested(client)
    assert losses(client, run.info.run_id) == [(1, 3.0), (2, 1.5)]
    assert run.info.status == "FINISHED"


def test_a_sender_that_dies_between_events_is_taken_up_where_it_stopped(tracked, monkeypatch):
    train([1, 2, 3])
    real, calls = sender._send_epoch, []

    def dies_at_the_second(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(*arguments)

    monkeypatch.setattr(sender, "_send_epoch", dies_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        sender.sync()
    monkeypatch.setattr(sender, "_send_epoch", real)
    assert sender.sync() == (0, [])
    client = mlflow_client.connect()
    [run] = nested(client)
    assert losses(client, run.info.run_id) == [(1, 3.0), (2, 1.5), (3, 1.0)]


def test_a_run_whose_parameters_a_server_refused_for_a_while_has_them_afterwards(tracked, monkeypatch):
    train([1])
    with monkeypatch.context() as patch:
        patch.setattr(runs, "log_params", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sender.sync()
    assert sender.sync() == (0, [])
    [run] = nested(mlflow_client.connect())
    assert run.data.params == {"system": "mtl-att", "fold": "session1", "protocol": "loso5", "train.seed": "1"}


def test_a_training_taken_up_again_goes_on_in_its_run(tracked):
    with pytest.raises(ZeroDivisionError):
        train([1, 2], fail=True)
    sender.sync()
    client = mlflow_client.connect()
    assert nested(client)[0].info.status == "FAILED"
    train([1, 2, 3])  # the first two from the checkpoint
    sender.sync()
    [run] = nested(client)
    assert losses(client, run.info.run_id) == [(1, 3.0), (2, 1.5), (3, 1.0)]
    assert run.info.status == "FINISHED"


def test_another_training_of_the_same_fold_has_its_own_run(tracked):
    train([1])
    train([1], training="t2")
    sender.sync()
    assert len(nested(mlflow_client.connect())) == 2


def test_a_running_training_is_sent_as_far_as_it_is(tracked):
    with follow.follow("mtl-att", "session1", "t1", PARAMETERS) as record:
        record(row(1))
        assert sender.sync() == (1, [])
        client = mlflow_client.connect()
        [run] = nested(client)
        assert run.info.status == "RUNNING"
        assert losses(client, run.info.run_id) == [(1, 3.0)]
    assert sender.sync() == (0, [])
    assert client.get_run(run.info.run_id).info.status == "FINISHED"


def test_one_sender_serves_trainings_that_follow_one_another_and_then_ends(tracked, monkeypatch):
    monkeypatch.setattr(sender, "_LINGER", 300.0)
    monkeypatch.setattr(sender, "_EVERY", 0.1)
    client = mlflow_client.connect()
    sending = threading.Thread(target=sender._send_until_done, args=(spool.folder(),))
    train([1])
    sending.start()
    for fold in ("session1", "session2"):
        until = time.monotonic() + 300
        while spool.pending(spool.folder()):
            assert time.monotonic() < until
            time.sleep(0.05)
        if fold == "session1":
            train([1, 2], fold="session2")
    assert [run.data.tags[run_tree.FOLD] for run in nested(client)] == ["session1", "session2"]
    monkeypatch.setattr(sender, "_LINGER", 0.0)
    sending.join(timeout=300)
    assert not sending.is_alive()


def test_training_and_sender_write_to_one_file_without_harm(tracked):
    watch = machine.Watch()
    with follow.follow("mtl-att", "session1", "t1", PARAMETERS) as record:
        for epoch in (1, 2, 3):
            record(row(epoch))
            watch._next = 0.0
            watch.look(spool.pending(spool.folder()))
    assert sender.sync() == (0, [])
    client = mlflow_client.connect()
    [run] = nested(client)
    assert run.info.status == "FINISHED"
    assert losses(client, run.info.run_id) == [(1, 3.0), (2, 1.5), (3, 1.0)]
    looks = client.get_metric_history(run.info.run_id, "system/system_memory_usage_percentage")
    assert looks  # those of one millisecond count as one
    assert all(0 < look.value < 100 for look in looks)


def test_a_clock_that_is_set_back_makes_no_line_that_cannot_be_sent(tracked, monkeypatch):
    with follow.follow("mtl-att", "session1", "t1", PARAMETERS):
        earlier = time.time_ns() - 3600 * 10**9
        monkeypatch.setattr(time, "time_ns", lambda: earlier)
        machine.Watch().look(spool.pending(spool.folder()))
    assert sender.sync() == (0, [])


def test_without_psutil_there_is_nothing_to_see_of_the_machine(tracked, monkeypatch):
    monkeypatch.setattr(machine, "import_module", _no_such_module)
    with follow.follow("mtl-att", "session1", "t1", PARAMETERS):
        machine.Watch().look(spool.pending(spool.folder()))
    assert sender.sync() == (0, [])


def _no_such_module(name):
    raise ModuleNotFoundError(name)


def test_a_killed_training_is_known_by_its_lock(tracked):
    code = (
        "import os, signal; from attune.tracking.sending import follow; follow._start_sender = lambda: None\n"
        "with follow.follow('mtl', 'session1', 't', {}) as record:\n"
        "    record({'network': 'joint', 'epoch': 1, 'train_loss': 1.0}); os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGKILL
    assert sender.sync() == (0, [])
    [run] = nested(mlflow_client.connect())
    assert run.info.status == "KILLED"


def test_a_silent_server_keeps_everything_for_later(tracked, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    train([1, 2])
    with pytest.raises(Exception, match=r"127\.0\.0\.1:9"):
        sender.sync()
    assert len(spool.pending(spool.folder())) == 1
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert sender.sync() == (0, [])
    client = mlflow_client.connect()
    assert losses(client, nested(client)[0].info.run_id) == [(1, 3.0), (2, 1.5)]


def test_one_training_that_cannot_be_sent_does_not_hold_up_the_others(tracked):
    train([1])
    [stuck] = spool.pending(spool.folder())
    first, *rest = stuck.read_text().splitlines()
    begin = json.loads(first)
    begin["begin"]["run_id"] = "0" * 32  # the platform's run, long deleted
    stuck.write_text("\n".join([json.dumps(begin), *rest]) + "\n")
    train([1], fold="session2")
    left, faults = sender.sync()
    assert left == 0
    assert faults == [
        f"{stuck.name}: there is no run {'0' * 32}, which MLFLOW_RUN_ID names. "
        f"It was set aside: {spool.folder() / 'set-aside' / stuck.name}"
    ]
    assert [run.data.tags[run_tree.FOLD] for run in nested(mlflow_client.connect())] == ["session2"]


def test_half_a_line_is_left_and_a_broken_one_passed_over(tracked):
    train([1])
    [path] = spool.pending(spool.folder())
    begin, epoch, end = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(begin + b'{"epoch": {"net\n' + epoch + end[:9])
    found = list(spool.events(path, 0))
    assert [event and next(iter(event.keys() - {"time"})) for event, _ in found] == ["begin", None, "epoch"]


def test_a_folder_that_cannot_be_written_stops_no_training(tracked, monkeypatch, capsys):
    (tracked / "file").touch()
    monkeypatch.setenv("ATTUNE_SPOOL", str(tracked / "file/spool"))
    train([1, 2])
    assert "not tracked while it runs" in capsys.readouterr().err


def test_a_disk_that_fills_up_is_told_once_and_stops_no_training(tracked, monkeypatch, capsys):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(spool, "append", full)
    train([1, 2, 3])
    assert capsys.readouterr().err.count("not tracked while it runs") == 1


def test_on_a_file_system_without_locks_nothing_is_tracked_but_all_goes_on(tracked, monkeypatch, capsys):
    def no_locks(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    train([1, 2])
    assert "not tracked while it runs" in capsys.readouterr().err
    assert not list(spool.folder().glob("*.begun"))
    with spool.locked(spool.folder(), "register", wait=0.0) as mine:
        assert mine


@pytest.mark.parametrize("off", ["off", "OFF"])
def test_tracking_can_be_switched_off(tracked, monkeypatch, off):
    monkeypatch.setenv(environment.TRACKING, off)
    train([1])
    assert not (tracked / ".attune").exists()


def test_neither_on_nor_off_is_refused_before_anything_is_tracked(tracked, monkeypatch):
    monkeypatch.setenv(environment.TRACKING, "0")
    with pytest.raises(AttuneError, match=r"ATTUNE_TRACKING: is '0', neither on nor off\n  Set it to off"):
        train([1])
    assert not (tracked / ".attune").exists()


def test_git_does_not_see_the_spool(tracked):
    train([1])
    subprocess.run(["git", "init", "-q"], check=True)
    status = subprocess.run(["git", "status", "--short"], capture_output=True, text=True, check=True).stdout
    assert ".attune" not in status


def test_a_pipelines_trainings_share_its_parent(tracked, monkeypatch):
    monkeypatch.setenv(environment.PIPELINE_RUN, "run-7")
    for number in range(2):
        monkeypatch.setenv("ATTUNE_SPOOL", str(tracked / f"pod-{number}"))
        train([1], fold=f"session{number}")
        sender.sync()
    client = mlflow_client.connect()
    [parent] = parents(client)
    assert parent.data.tags["attune.pipeline_run"] == "run-7"
    assert len(nested(client)) == 2


def test_the_platforms_run_is_the_parent(tracked, monkeypatch):
    client = mlflow_client.connect()
    other = client.create_experiment("other")
    given = client.create_run(other).info.run_id
    monkeypatch.setenv("MLFLOW_RUN_ID", given)
    train([1])
    sender.sync()
    [run] = client.search_runs([other], f"tags.`{tags.PARENT}` = '{given}'")
    assert run.data.tags[run_tree.FOLD] == "session1"


@pytest.mark.slow
def test_a_sender_of_its_own_sends_while_the_training_runs(here, monkeypatch):
    monkeypatch.delenv(environment.TRACKING, raising=False)
    (here / "attune.py").write_text("raise SystemExit('a script of the user')")
    with follow.follow("mtl-att", "session1", "t1", PARAMETERS) as record:
        record(row(1))
        client = mlflow_client.connect()
        until = time.monotonic() + 400
        while not (found := nested(client)) or "learning/train_loss" not in found[0].data.metrics:
            assert time.monotonic() < until
            time.sleep(0.5)
        assert found[0].info.status == "RUNNING"
        record(row(2))
    until = time.monotonic() + 400
    while spool.pending(spool.folder()):
        assert time.monotonic() < until
        time.sleep(0.5)
    [run] = nested(client)
    assert losses(client, run.info.run_id) == [(1, 3.0), (2, 1.5)]
    assert run.info.status == "FINISHED"
    assert "system/cpu_utilization_percentage" in run.data.metrics


def test_following_imports_nothing_heavy():
    code = "import sys, attune.tracking.sending.follow; print(not {'mlflow', 'torch', 'pandas'} & set(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": str(Path(attune.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.strip() == "True"
