"""When a sender ends: no training run that relies on it is left behind."""

import errno
from types import SimpleNamespace

import pytest

from attune import environment
from attune.errors import AttuneError
from attune.tracking.sending import sender, spool


class SeenError(Exception):
    """The sender sends for the later training run."""


def test_one_begun_while_the_last_try_for_another_takes_long_is_not_left_behind(tmp_path, monkeypatch):
    """The sender that it started has given up by then, because this one was running."""
    now, open_files = [0.0], []
    spool.begin(tmp_path, {"end": "FAILED"}).close()

    def silent_for_long():
        if open_files:
            raise SeenError
        open_files.append(spool.begin(tmp_path, {"end": "FAILED"}))
        now[0] += 2 * sender._GRACE
        raise AttuneError("nothing answers there", passes=True)

    monkeypatch.setattr(sender, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=lambda seconds: None))
    monkeypatch.setattr(sender.mlflow_client, "connect", silent_for_long)
    monkeypatch.setattr(sender.machine.Watch, "look", lambda *_: None)
    with pytest.raises(SeenError):
        sender._send_until_done(tmp_path)
    open_files[0].close()


def test_a_disk_too_full_for_the_machines_own_metrics_does_not_end_it(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    def connect():
        raise SeenError

    monkeypatch.setattr(sender.machine.Watch, "look", full)
    monkeypatch.setattr(sender.mlflow_client, "connect", connect)
    with spool.begin(tmp_path, {"end": "FAILED"}), pytest.raises(SeenError):
        sender._send_until_done(tmp_path)


def test_others_may_send_while_it_waits_for_a_training_run(tmp_path, monkeypatch):
    """Nothing could be registered from a folder in which something else was trained."""
    tried = []

    def connect():
        tried.append(None)
        raise AttuneError("nothing answers there") if len(tried) == 1 else SeenError

    monkeypatch.setenv(environment.SPOOL, str(tmp_path))
    monkeypatch.setattr(sender.os, "nice", lambda more: None)
    monkeypatch.setattr(sender.machine.Watch, "look", lambda *_: None)
    monkeypatch.setattr(sender.mlflow_client, "connect", connect)
    monkeypatch.setattr(sender, "time", SimpleNamespace(monotonic=lambda: 0.0, sleep=lambda seconds: sender.sync()))
    with spool.begin(tmp_path, {"end": "FAILED"}), pytest.raises(SeenError):
        sender.main()


def test_what_others_have_sent_of_a_run_that_is_continued_is_looked_up(monkeypatch):
    known = {"this": {("learning/train_loss", 1)}, "other": set()}
    monkeypatch.setattr(sender, "_begin", lambda *_: "this")
    assert sender._send_event(None, {"begin": {}}, spool.Sent(), known).run_id == "this"
    assert known == {"other": set()}
