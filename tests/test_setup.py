"""`make` where an environment cannot be used: of a moved or copied project, of a Python that is gone or too old."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

REPOSITORY = Path(__file__).parent.parent
AGAIN = "rm -rf .venv"


@pytest.fixture(params=["a project", 'O\'Brien "R&D" (x), 50%', "ü"])
def project(request, tmp_path):
    """A project whose environment is whole, as far as make can tell."""
    folder = tmp_path / request.param
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/python").symlink_to(sys.executable)
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copyfile(REPOSITORY / name, folder / name)
    (folder / ".venv/ready").write_text(f"{folder.resolve()}\n")
    return folder


def planned(folder):
    """What `make setup` would do."""
    command = ["make", "--dry-run", "--no-print-directory", "setup"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=300).stdout


def test_where_it_was_made_the_environment_stays(project):
    assert "nothing to be done" in planned(project).lower()
    link = project.parent / "link"
    link.symlink_to(project)
    assert "nothing to be done" in planned(link).lower()


def test_moved_or_copied_it_is_made_again(project, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(project, copy, symlinks=True)
    assert AGAIN in planned(copy)
    moved = project.rename(tmp_path / "moved")
    assert AGAIN in planned(moved)


def test_without_its_python_it_is_made_again(project):
    (project / ".venv/bin/python").unlink()
    (project / ".venv/bin/python").symlink_to(project / "python that is gone")
    assert AGAIN in planned(project)


def test_other_packages_are_installed_into_the_environment_that_is_there(project):
    later = (project / ".venv/ready").stat().st_mtime + 1
    os.utime(project / "requirements.lock", (later, later))
    plan = planned(project)
    assert "pip install" in plan
    assert 'test -z ""' in plan


@pytest.mark.parametrize("python", ["old", "no-such-python"])
def test_too_old_a_python_or_none_is_told_before_anything_is_made(project, tmp_path, python):
    shutil.rmtree(project / ".venv")
    old = tmp_path / "old"
    old.write_text("#!/bin/sh\nexit 1\n")  # what the question for its version comes to
    old.chmod(0o755)
    command = ["make", "setup", f"PYTHON={tmp_path / python}"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode
    assert "attune needs Python 3.11" in done.stderr
    assert not (project / ".venv").exists()


def test_an_activated_environment_is_not_made_again_from_the_python_that_was_in_it(project, tmp_path):
    moved = project.rename(tmp_path / "moved")
    (moved / ".venv/bin/python3.11").symlink_to(sys.executable)
    (other := tmp_path / "python3.11").write_text("#!/bin/sh\nexit 1\n")
    other.chmod(0o755)
    path = f"{moved}/.venv/bin:{tmp_path}:{os.environ['PATH']}"
    command = ["make", "setup"]
    done = subprocess.run(
        command, cwd=moved, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False, timeout=300
    )
    assert f"'{other}' is not" in done.stderr


@pytest.mark.parametrize("unsent", [True, False])
def test_clean_leaves_nothing_of_a_run_but_results_still_to_be_sent(project, unsent):
    spool = project / ".attune/tracking"
    spool.mkdir(parents=True)
    (spool / "execution").touch()
    result = spool / ("1.jsonl" if unsent else "checked")
    result.touch()
    made = [project / name for name in ("data/version.txt", "pipeline-runs/mlflow.db", "dvc_plots/index.html")]
    for path in (*made, moving := project / ".mlflow.db.ab12cd34"):
        path.parent.mkdir(exist_ok=True)
        path.touch()
    command = ["make", "--no-print-directory", "clean"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True, timeout=300)
    assert not any(path.exists() for path in (moving, *made, *(path.parent for path in made[1:])))
    assert result.exists() == unsent == ("kept .attune" in done.stdout)
    assert unsent or not (project / ".attune").exists()


def test_before_a_commit_run_make_generate_and_all_of_make_lint():
    [local] = YAML(typ="safe").load(REPOSITORY / ".pre-commit-config.yaml")["repos"]
    entries = {hook["entry"] for hook in local["hooks"]}
    lint = (REPOSITORY / "Makefile").read_text().split("\nlint: ")[1].splitlines()[1]
    assert "make generate" in entries
    for linter in lint.removeprefix("\t@").split(" && "):
        assert any(entry.startswith(f".venv/bin/{linter.split()[0]}") for entry in entries), linter
