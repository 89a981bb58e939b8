"""Folds that are trained at once are trained by DVC, and nothing is left for it to do again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from attune import machine
from tools import side_by_side

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parent.parent
FOLDS = [f"session{number}" for number in range(1, 6)]
DVC = str(Path(sys.executable).with_name("dvc"))
GRAPH = """
stages:
  data-version:
    cmd: echo 1 > version
    outs: [version]
  features:
    cmd: echo sound > store
    outs: [store]
  train:
    matrix:
      system: ${systems}
      fold: ${folds}
    cmd: python train.py ${item.fold} models/${item.system}-${item.fold}
    deps: [store]
    outs:
      - models/${item.system}-${item.fold}
  predict:
    matrix:
      system: ${systems}
      fold: ${folds}
    cmd: cp models/${item.system}-${item.fold} predicted-${item.system}-${item.fold}
    deps:
      - models/${item.system}-${item.fold}
    outs:
      - predicted-${item.system}-${item.fold}
  attention:
    cmd: python judge.py attention evaluate
    deps: [predicted-mtl-att-session1, predicted-mtl-att-session5]
    outs: [attention]
  evaluate:
    cmd: python judge.py evaluate attention
    deps: [predicted-mtl-att-session1, predicted-mtl-att-session5]
    outs: [evaluate]
"""
TRAIN = """
import pathlib, sys, time
fold, out = sys.argv[1], pathlib.Path(sys.argv[2])
here = pathlib.Path("running")
here.mkdir(exist_ok=True)
(here / fold).touch()
until = time.monotonic() + 300
while len(list(here.iterdir())) < 5 and time.monotonic() < until:
    time.sleep(0.05)
out.parent.mkdir(exist_ok=True)
out.write_text(str(time.monotonic() < until))
"""
JUDGE = """
import pathlib, sys, time
own, other = sys.argv[1:]
pathlib.Path("begun-" + own).touch()
until = time.monotonic() + 300
while not pathlib.Path("begun-" + other).exists() and time.monotonic() < until:
    time.sleep(0.05)
pathlib.Path(own).write_text(str(time.monotonic() < until))
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of DVC's whose training runs wait for five of them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dvc.yaml").write_text(GRAPH)
    (tmp_path / "train.py").write_text(TRAIN)
    (tmp_path / "judge.py").write_text(JUDGE)
    (tmp_path / "params.yaml").write_text(f"folds: {FOLDS}\nsystems: [mtl-att]\ncompute: {{threads: 1}}\n")
    return tmp_path


def test_all_five_folds_run_at_once_on_two_cores_and_dvc_has_nothing_left_to_do(project, monkeypatch):
    monkeypatch.setattr(machine, "cores", lambda: 2)
    monkeypatch.setattr(machine, "free_memory", lambda: 64 * 2**30)
    subprocess.run([DVC, "init", "--no-scm", "-q"], check=True)
    assert side_by_side.main() == 0
    trained = {path.name: path.read_text() for path in (project / "models").iterdir()}
    assert trained == {f"mtl-att-{fold}": "True" for fold in FOLDS}
    assert (project / "attention").read_text() == (project / "evaluate").read_text() == "True"
    assert "up to date" in subprocess.run([DVC, "status"], capture_output=True, text=True, check=True).stdout


def test_ctrl_c_while_folds_are_trained_is_one_message(project):
    (project / "params.yaml").write_text("folds: [session1, session5]\nsystems: [mtl-att]\ncompute: {threads: 1}\n")
    subprocess.run([DVC, "init", "--no-scm", "-q"], check=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.side_by_side"],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    until = time.monotonic() + 400
    while len(list(project.glob("running/*"))) < 2 and time.monotonic() < until:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=300)[1]
    assert process.returncode == 130
    assert "error: interrupted (Ctrl-C)\n  `make run` resumes where it stopped.\n" in said
    assert "side_by_side.py" not in said


def test_a_script_of_the_user_beside_the_parameters_is_not_taken_for_a_package(tmp_path):
    (tmp_path / "{x}").mkdir()  # where it ends before anything runs
    (tmp_path / "{x}/dvc.py").write_text("raise SystemExit('a script of the user')")
    assert "DVC cannot work in a folder" in begun(tmp_path / "{x}").stderr


def test_a_downloaded_archive_without_git_runs(tmp_path):
    subprocess.run([DVC, "init", "--no-scm", "-q"], cwd=tmp_path, check=True)
    (tmp_path / ".dvc/config").write_text("[core]\n    analytics = false\n")
    (tmp_path / "dvc.yaml").write_text(GRAPH)
    (tmp_path / "params.yaml").write_text("folds: [session1]\nsystems: []\n")
    done = begun(tmp_path)
    assert (tmp_path / "version").exists(), done.stderr
    assert "not a git repository" not in done.stderr


@pytest.mark.parametrize("file", ["params.yaml", "dvc.lock"])
def test_a_file_that_dvc_cannot_read_is_named(tmp_path, file):
    subprocess.run([DVC, "init", "--no-scm", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "dvc.yaml").write_text(GRAPH)
    (tmp_path / "params.yaml").write_text("folds: [session1]\nsystems: [mtl-att]\n")
    (tmp_path / file).write_text("<<<<<<< HEAD\n\tepochs: 2\n")
    done = begun(tmp_path)
    assert done.returncode
    assert file in done.stderr


def begun(folder: Path) -> subprocess.CompletedProcess[str]:
    options = next(line for line in (REPOSITORY / "Makefile").read_text().splitlines() if "tools.side_by_side" in line)
    command = [sys.executable, *options.split()[1:]]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("name", "works"), [("a b 'c' \"d\" $HOME R&D; ümläut", True), ("{x}", False), (os.fsdecode(b"\xff"), False)]
)
def test_a_folder_that_dvc_cannot_work_in_is_named_before_anything_runs(tmp_path, monkeypatch, capsys, name, works):
    (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / name)
    assert side_by_side.dvc_can_work_in(Path.cwd()) == works
    if not works:
        assert side_by_side.main() == 1
        assert "DVC cannot work in a folder" in capsys.readouterr().err
