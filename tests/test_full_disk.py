"""Steps on a real file system that is too small for what they write."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import needs
import pytest

from attune.errors import AttuneError
from attune.registry import versions
from attune.steps import register
from attune.tracking import client as mlflow_client

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
    subprocess.run(["umount", "--lazy", disk], check=True)


def made_on(disk: Path, params: str) -> subprocess.CompletedProcess[str]:
    command = [ATTUNE, "corpus", "--params", params, "--root", "data/raw", "--out", disk / "corpus"]
    return subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)


def test_a_full_disk_ends_a_step_in_one_message_and_the_next_run_goes_on_from_there(tiny_disk):
    small = '{"corpus": {"synthetic": {"utterances_per_speaker": 4}}}'
    done = made_on(tiny_disk, small)
    assert done.returncode == 1
    assert "the disk is full" in done.stderr
    assert "resumes from there" in done.stderr
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


def test_registering_on_a_full_disk_is_one_message_and_the_next_try_goes_on(
    tiny_disk, trained, params, new_database, monkeypatch, capfd
):
    """First there is no room in the database, then none for the model beside it."""
    monkeypatch.chdir(tiny_disk)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    subprocess.run(["mount", "-o", "remount,size=1100k", tiny_disk], check=True)
    shutil.copyfile(new_database.path, "mlflow.db")
    reports = trained / "reports"
    folders = {name: reports / name for name in ("evaluation", "attention")}
    given = {"models": (trained / "models",), "metrics": reports / "metrics.json", "report": reports / "index.html"}
    for size, what in (("1100k", "the disk is full"), ("2000k", "the disk is full|No space left"), ("60m", None)):
        subprocess.run(["mount", "-o", f"remount,size={size}", tiny_disk], check=True)
        with pytest.raises((AttuneError, OSError), match=what) if what else nullcontext():
            register.run(params, **given, **folders, out=tiny_disk / "registered.json")
        assert (tiny_disk / "registered.json").exists() == (what is None)
    said = capfd.readouterr()
    assert "Traceback" not in said.out + said.err
    client = mlflow_client.connect()
    runs = client.search_runs([mlflow_client.experiment_id(client)])
    assert [run.info.status for run in runs] == ["FINISHED"] * 3
    [version] = client.search_model_versions("name='attune'")
    assert versions.fetch(version).is_dir()
    monkeypatch.chdir("/")
