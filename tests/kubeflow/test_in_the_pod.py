"""What a step does for itself inside a pod: names, patience, checkpoints."""

import threading
from pathlib import Path

import pytest
from s3 import s3, s3_server

from attune.errors import AttuneError
from attune.kubeflow import checkpoints, environment, patience
from attune.tracking import client as tracking

pytestmark = pytest.mark.slow

__all__ = ["s3", "s3_server"]


def test_our_settings_get_their_usual_names_and_nothing_else_changes():
    held = {"ATTUNE_POD_AWS_ENDPOINT_URL": "http://s3", "ATTUNE_POD_MLFLOW_TRACKING_TOKEN": "", "AWS_REGION": "theirs"}
    environment.adopt(held)
    assert held["AWS_ENDPOINT_URL"] == "http://s3"
    assert "MLFLOW_TRACKING_TOKEN" not in held
    assert held["AWS_REGION"] == "theirs"


class Fails:
    """Fails so many times."""

    def __init__(self, times, passes):
        self.times, self.passes, self.calls = times, passes, 0

    def __call__(self):
        self.calls += 1
        if self.calls <= self.times:
            raise AttuneError("S3 does not answer", passes=self.passes)
        return "done"


@pytest.fixture
def slept(monkeypatch):
    pauses = []
    monkeypatch.setattr(patience.time, "sleep", pauses.append)
    return pauses


def test_a_fault_that_passes_is_waited_for(slept):
    assert patience.patiently(Fails(2, passes=True)) == "done"
    assert slept == list(patience.PAUSES[:2])


def test_a_fault_that_does_not_pass_ends_the_step_after_bounded_tries(slept):
    lasting = Fails(99, passes=True)
    with pytest.raises(AttuneError, match="does not answer"):
        patience.patiently(lasting)
    assert lasting.calls == len(patience.PAUSES) + 1


def test_a_fault_that_cannot_pass_is_never_tried_again(slept):
    wrong = Fails(1, passes=False)
    with pytest.raises(AttuneError):
        patience.patiently(wrong)
    assert wrong.calls == 1
    assert slept == []


def train(folder):
    return ["train", "--system", "mtl", "--fold", "session1", "--checkpoints", str(folder), "--out", "x"]


@pytest.fixture
def store(s3, monkeypatch):
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    return {checkpoints.ADDRESS: f"s3://{s3.bucket}/kept"}


def test_a_training_that_lost_its_pod_finds_its_checkpoint_in_the_next(tmp_path, store):
    first, second = tmp_path / "first", tmp_path / "second"
    with pytest.raises(KeyboardInterrupt), checkpoints.kept(train(first), store):
        written = first / "mtl/session1/abc/net.checkpoint"
        written.parent.mkdir(parents=True)
        written.write_bytes(b"epoch 2")
        raise KeyboardInterrupt
    with checkpoints.kept(train(second), store):
        assert (second / "mtl/session1/abc/net.checkpoint").read_bytes() == b"epoch 2"


def test_checkpoints_are_kept_while_the_training_goes_on(tmp_path, store, monkeypatch):
    kept = threading.Event()
    put = checkpoints.addresses.put
    monkeypatch.setattr(checkpoints.addresses, "put", lambda *given: (put(*given), kept.set()))
    with checkpoints.kept(train(tmp_path), store, every=0.05):
        (tmp_path / "mtl/session1").mkdir(parents=True)
        (tmp_path / "mtl/session1/net.checkpoint").write_bytes(b"epoch 1")
        assert kept.wait(300)


def test_checkpoints_that_are_removed_while_they_are_listed_end_nothing(tmp_path, monkeypatch):
    look = Path.stat

    def removed(path, **how):
        if path.suffix == ".checkpoint":
            path.unlink(missing_ok=True)  # as a training run does that has ended
        return look(path, **how)

    (tmp_path / "net.checkpoint").touch()
    monkeypatch.setattr(Path, "stat", removed)
    assert checkpoints._times(tmp_path) == {}


def test_a_store_that_is_away_keeps_no_training_from_going_on(tmp_path, monkeypatch, capsys):
    def refuse(*_):
        raise AttuneError("S3 answers 403")

    monkeypatch.setattr(checkpoints.addresses, "fetch", refuse)
    monkeypatch.setattr(checkpoints.addresses, "put", refuse)
    with checkpoints.kept(train(tmp_path), {checkpoints.ADDRESS: "s3://b/k"}):
        (tmp_path / "mtl/session1").mkdir(parents=True)
        (tmp_path / "mtl/session1/net.checkpoint").write_bytes(b"1")
    said = capsys.readouterr().err
    assert "training starts again from the beginning" in said
    assert "a checkpoint could not be stored" in said


def test_without_an_address_or_checkpoints_nothing_is_kept(tmp_path):
    with checkpoints.kept(train(tmp_path), {}):
        pass
    with checkpoints.kept(["predict"], {checkpoints.ADDRESS: "s3://b/k"}):
        pass
    assert list(tmp_path.iterdir()) == []


def test_in_a_pod_without_a_server_nothing_is_tracked_into_the_pod(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv(tracking.IN_POD, "10.0.0.1")
    with pytest.raises(AttuneError, match="no tracking server is set"):
        tracking.connect()
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv(tracking.LOCAL_IN_POD, "allowed")
    assert tracking.connect()
