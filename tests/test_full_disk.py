"""Steps on a real file system that is too small for what they write."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import soundfile
import tiny_disk

from attune.errors import AttuneError
from attune.registry import versions
from attune.steps import register
from attune.steps.probing.scratch import Scratch
from attune.storage.files import whole_file, whole_folder
from attune.tracking import client as mlflow_client
from attune.waveform.audio import Span, cut

pytestmark = pytest.mark.slow

ATTUNE = Path(sys.executable).with_name("attune")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with tiny_disk.mounted(tmp_path / "disk", "512k") as disk:
        yield disk


def test_the_disk_is_unmounted_even_where_its_process_is_killed(tmp_path):
    code = "import os, pathlib, tiny_disk\nwith tiny_disk.mounted(pathlib.Path('disk'), '64k'):\n    os.killpg(0, 9)"
    variables = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=variables, start_new_session=True, check=False)
    until = time.monotonic() + 300
    while os.path.ismount(tmp_path / "disk") and time.monotonic() < until:
        time.sleep(0.02)
    assert (tmp_path / "disk").is_dir()
    assert not os.path.ismount(tmp_path / "disk")


@pytest.mark.parametrize("size", [1 << 10, 1 << 20])
def test_arrays_that_find_no_place_on_disk_name_its_folder(disk, size):
    (disk / "filled").write_bytes(b"0" * (508 << 10))
    arrays = Scratch(disk / "probes", np.float32)
    with pytest.raises(OSError, match="No space left on device") as full:
        for number in range(9):
            arrays.put(str(number), np.zeros((1, size)))
            arrays[str(number)]
    assert full.value.filename == str(disk)


def test_a_part_of_a_recording_that_finds_no_place_on_disk_is_named(disk, tmp_path):
    soundfile.write(tmp_path / "long.wav", np.full(5 * 48_000, 0.1), 48_000)
    with pytest.raises(OSError, match="No space left on device") as full:
        cut(tmp_path / "long.wav", Span(0.0, 5.0), disk / "part.wav")
    assert full.value.filename == str(disk / "part.wav")


def made_on(disk: Path, params: str) -> subprocess.CompletedProcess[str]:
    command = [ATTUNE, "corpus", "--params", params, "--root", "data/raw", "--out", disk / "corpus"]
    return subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)


def test_a_full_disk_ends_a_step_in_one_message_and_the_next_run_goes_on_from_there(disk):
    small = '{"corpus": {"synthetic": {"utterances_per_speaker": 4}}}'
    done = made_on(disk, small)
    assert done.returncode == 1
    assert "the disk is full" in done.stderr
    assert "resumes from there" in done.stderr
    assert "Traceback" not in done.stderr
    assert os.listdir(disk) == [".corpus.unfinished"]
    spoken = {path.name: path.stat().st_mtime_ns for path in disk.rglob("*.wav")}
    assert spoken
    assert not list(disk.rglob("*.part"))
    tiny_disk.resize(disk, "8m")
    done = made_on(disk, small)
    assert done.returncode == 0, done.stderr
    assert os.listdir(disk) == ["corpus"]
    again = {path.name: path.stat().st_mtime_ns for path in disk.rglob("*.wav")}
    assert spoken.items() <= again.items()


def test_a_full_disk_is_named_by_what_was_to_be_written_there(disk):
    for writing, name in ((whole_file, ""), (whole_folder, "part")):
        with pytest.raises(OSError, match="No space left") as caught, writing(disk / "out") as place:
            (place / name).write_bytes(bytes(1 << 20))
        assert caught.value.filename == str(disk / "out")
    assert os.listdir(disk) == []


def test_registering_on_a_full_disk_is_one_message_and_the_next_try_goes_on(
    disk, trained, params, new_database, monkeypatch, capfd
):
    """First there is no room in the database, then none for the model beside it."""
    monkeypatch.chdir(disk)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    tiny_disk.resize(disk, "1100k")
    shutil.copyfile(new_database.path, "mlflow.db")
    reports = trained / "reports"
    folders = {name: reports / name for name in ("evaluation", "attention")}
    given = {"models": (trained / "models",), "metrics": reports / "metrics.json", "report": reports / "index.html"}
    for size, what in (("1100k", "the disk is full"), ("2000k", "the disk is full|No space left"), ("60m", None)):
        tiny_disk.resize(disk, size)
        with pytest.raises((AttuneError, OSError), match=what) if what else nullcontext():
            register.run(params, **given, **folders, out=disk / "registered.json")
        assert (disk / "registered.json").exists() == (what is None)
    said = capfd.readouterr()
    assert "Traceback" not in said.out + said.err
    client = mlflow_client.connect()
    runs = client.search_runs([mlflow_client.experiment_id(client)])
    assert [run.info.status for run in runs] == ["FINISHED"] * 3
    [version] = client.search_model_versions("name='attune'")
    assert versions.fetch(version).is_dir()
    monkeypatch.chdir("/")
