"""However many processes speak, and whatever killed the last ones, the bytes are the same."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from attune.params import load
from attune.steps import corpus

pytestmark = pytest.mark.slow

PARAMS = json.dumps({"corpus": {"synthetic": {"utterances_per_speaker": 12, "seed": 2}}})


def make(out: Path, workers: int) -> None:
    corpus.run(load(PARAMS), root=Path(), out=out, workers=workers)


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def recordings(folder: Path) -> list[Path]:
    return list(folder.rglob("*.wav"))


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    out = tmp_path_factory.mktemp("alone") / "corpus"
    make(out, 1)
    return out


def test_one_process_or_several_write_the_same_bytes_and_leave_nothing_else(alone, tmp_path):
    make(tmp_path / "corpus", 2)
    assert contents(tmp_path / "corpus") == contents(alone)
    assert [path.name for path in tmp_path.iterdir()] == ["corpus"]


def test_after_a_kill_it_goes_on_with_what_was_spoken(alone, tmp_path):
    command = [Path(sys.executable).with_name("attune"), "corpus", "--params", PARAMS, "--out", tmp_path / "corpus"]
    begun = subprocess.Popen(
        command, env={**os.environ, "ATTUNE_WORKERS": "2"}, stdout=subprocess.DEVNULL, start_new_session=True
    )
    kept = tmp_path / ".corpus.unfinished"
    deadline = time.monotonic() + 300
    while len(recordings(kept)) < 5 and begun.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    begun.send_signal(signal.SIGKILL)
    begun.wait()
    _wait_for_workers(begun.pid)
    before = {path: path.stat().st_mtime_ns for path in recordings(kept)}
    assert not (tmp_path / "corpus").exists()
    assert before
    make(tmp_path / "corpus", 1)
    assert contents(tmp_path / "corpus") == contents(alone)
    made = {path.relative_to(kept): time_ for path, time_ in before.items()}
    assert all((tmp_path / "corpus" / name).stat().st_mtime_ns == time_ for name, time_ in made.items())
    assert [path.name for path in tmp_path.iterdir()] == ["corpus"]


def _wait_for_workers(session: int) -> None:
    """Those of a killed process end by themselves."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        try:
            os.killpg(session, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("a worker outlives the process that began it")
