"""Stages find attune by the DVC that runs them, not by PATH."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parent.parent
BARE = {"PATH": "/usr/bin:/bin", "HOME": os.environ.get("HOME", "/"), "DVC_NO_ANALYTICS": "1"}
STAGES = {"stages": {"version": {"cmd": "tools/attune --version > version"}}}


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "a project"
    (folder / "tools").mkdir(parents=True)
    shutil.copy(REPOSITORY / "tools/attune", folder / "tools/attune")
    YAML().dump(STAGES, folder / "dvc.yaml")
    return folder


def run(*command, cwd, **environment):
    return subprocess.run(
        command, cwd=cwd, env=BARE | environment, capture_output=True, text=True, check=False, timeout=400
    )


def stand_in(path: Path, says: str) -> Path:
    path.parent.mkdir(parents=True)
    path.write_text(f'#!/bin/sh\necho "{says} $*"\n')
    path.chmod(0o755)
    return path


def test_every_stage_calls_attune_that_way():
    stages = YAML(typ="safe").load((REPOSITORY / "dvc.yaml").read_text())["stages"]
    assert stages.pop("data-version")["cmd"].startswith("tools/attune corpus version ")
    assert {name: stage["cmd"].split()[:2] for name, stage in stages.items()} == {
        name: ["tools/attune", name] for name in stages
    }


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash"])
def test_dvc_runs_stages_with_nothing_of_the_environment_on_the_path(project, shell):
    dvc = Path(sys.executable).with_name("dvc")
    assert run(dvc, "init", "--no-scm", "-q", cwd=project).returncode == 0
    done = run(dvc, "repro", cwd=project, SHELL=shell)
    assert done.returncode == 0, done.stderr
    assert (project / "version").read_text().startswith("attune, version")


def test_the_environment_of_dvc_goes_before_another_on_the_path(project, tmp_path):
    other = stand_in(tmp_path / "other/attune", "another")
    program = "import subprocess; subprocess.run(['sh', '-c', 'tools/attune --version; true'], check=True)"
    done = run(sys.executable, "-c", program, cwd=project, PATH=f"{other.parent}:/usr/bin:/bin")
    assert done.stdout.startswith("attune, version")


def test_a_stage_runs_the_code_of_the_checkout_that_it_is_in(project, tmp_path):
    (project / "src/attune").mkdir(parents=True)
    (project / "src/attune/__init__.py").touch()
    (project / "src/attune/cli.py").write_text("import sys\ndef main(): print('of this checkout', *sys.argv[1:])\n")
    program = "import subprocess; subprocess.run(['tools/attune', 'train', 'a b'], check=True)"
    assert run(sys.executable, "-c", program, cwd=project).stdout == "of this checkout train a b\n"


def test_else_a_venv_here_or_above_and_else_the_path(project, tmp_path):
    shell = ["env", "-i", "PATH=/usr/bin:/bin", "setsid", "-f", "sh", "-c"]  # no Python among the ancestors
    below = project / ".dvc/tmp/exps/standalone/x"
    shutil.copytree(project / "tools", below / "tools")
    call = f"sleep 0.2; cd '{below}' && tools/attune a 'b c' > '{tmp_path}/said' 2>&1; echo $? > '{tmp_path}/code'"

    assert outcome(shell, call, tmp_path) == ("127", "attune is installed neither beside dvc nor in .venv, "
                                              "and is not on PATH: run `make setup`\n")  # fmt: skip
    other = stand_in(tmp_path / "other/attune", "on the path")
    assert outcome([*shell[:2], f"PATH={other.parent}:/usr/bin:/bin", *shell[3:]], call, tmp_path) == (
        "0", "on the path a b c\n"
    )  # fmt: skip
    stand_in(project / ".venv/bin/attune", "in the venv")
    assert outcome(shell, call, tmp_path) == ("0", "in the venv a b c\n")


def outcome(shell, call, folder):
    code = folder / "code"
    code.unlink(missing_ok=True)
    subprocess.run([*shell, call], check=True, timeout=300)
    for _ in range(3000):
        if code.exists() and code.read_text():
            return code.read_text().strip(), (folder / "said").read_text()
        subprocess.run(["sleep", "0.1"], check=True)
    raise TimeoutError(call)
