"""Steps on a real file system that is too small for what they write."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import needs
import pytest

pytestmark = pytest.mark.slow

ATTUNE = Path(sys.executable).with_name("attune")


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        reason = f"a small file system cannot be mounted here: {mounted.stderr.strip()}"
        needs.missing(reason)
    yield disk
    subprocess.run(["umount", disk], check=True)


def made_on(disk: Path, params: str) -> subprocess.CompletedProcess[str]:
    command = [ATTUNE, "corpus", "--params", params, "--root", "data/raw", "--out", disk / "corpus"]
    return subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)


def test_a_full_disk_ends_a_step_in_one_message_and_the_next_run_goes_on_from_there(tiny_disk):
    small = '{"corpus": {"synthetic": {"utterances_per_speaker": 4}}}'
    done = made_on(tiny_disk, small)
    assert done.returncode == 1
    assert "the disk is full" in done.stderr
    assert "goes on from there" in done.stderr
    assert "Traceback" not in done.stderr
    assert os.listdir(tiny_disk) == [".corpus.unfinished"]
    spoken = {path.name: path.stat().st_mtime_ns for path in tiny_disk.rglob("*.wav")}
    assert spoken
    assert not list(tiny_disk.rglob("*.part"))
    subprocess.run(["mount", "-o", "remount,size=8m", tiny_disk], check=True)
    done = made_on(tiny_disk, small)
    assert done.returncode == 0, done.stderr
    assert os.listdir(tiny_disk) == ["corpus"]
    again = {path.name: path.stat().st_mtime_ns for path in tiny_disk.rglob("*.wav")}
    assert spoken.items() <= again.items()
