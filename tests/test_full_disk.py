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


def test_a_full_disk_ends_a_step_in_one_message_and_leaves_nothing(tiny_disk):
    done = subprocess.run(
        [ATTUNE, "corpus", "--params", "{}", "--root", "data/raw", "--out", tiny_disk / "corpus"],
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 1
    assert "the disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    assert os.listdir(tiny_disk) == []


def test_a_step_that_fits_succeeds_where_another_did_not(tiny_disk):
    small = '{"corpus": {"synthetic": {"utterances_per_speaker": 4}}}'
    command = [ATTUNE, "corpus", "--params", small, "--root", "data/raw", "--out", tiny_disk / "corpus"]
    subprocess.run(["mount", "-o", "remount,size=8m", tiny_disk], check=True)
    done = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    assert os.listdir(tiny_disk) == ["corpus"]
