"""A project as a user has it after `make run`: a checkout of this code with the small run, tracked and registered."""

import shutil
import subprocess
import sys
from pathlib import Path

import needs
import pytest
from filelock import FileLock
from ruamel.yaml import YAML
from small import SMALL

REPOSITORY = Path(__file__).parents[1]
PROGRAMS = Path(sys.executable).parent
_RESULTS = ("data", "models", "predictions", "reports")


@pytest.fixture(scope="session")
def made_project(small_run, new_database, tmp_path_factory) -> Path:
    """The project, made once a session; read only, please: `small_project` is one's own."""
    folder = small_run.parent / "small-project"
    with FileLock(f"{folder}.lock"):
        if not (folder / ".git/whole").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _make(folder, small_run, new_database.path)
            (folder / ".git/whole").touch()
    return folder


@pytest.fixture(scope="module")
def small_project(made_project, tmp_path_factory) -> Path:
    """A copy of the project for the tests of a module, committed and clean."""
    folder = tmp_path_factory.mktemp("user") / "a project"
    shutil.copytree(made_project, folder, symlinks=True, ignore=shutil.ignore_patterns("*.lock.tmp"))
    return folder


def shell(folder: Path, script: str, **variables: str) -> str:
    """What a script prints in a shell that knows nothing but this project's environment, as a user has it."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=bare(folder) | variables,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def bare(folder: Path) -> dict[str, str]:
    """The environment variables of a user, and no others."""
    who = {f"GIT_{role}_{what}": "a@b.c" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    quiet = {"DVC_NO_ANALYTICS": "1", "MLFLOW_DISABLE_TELEMETRY": "true", "ATTUNE_TRACKING": "off"}
    return {"PATH": f"{PROGRAMS}:/usr/bin:/bin", "HOME": str(folder.parent), "OMP_NUM_THREADS": "1", **who, **quiet}


def _make(folder: Path, results: Path, database: Path) -> None:
    if not (REPOSITORY / ".git").exists():
        needs.missing("needs a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    for name in filter(None, listed):
        if (REPOSITORY / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, folder / name)
    for name in _RESULTS:
        shutil.copytree(results / name, folder / name, dirs_exist_ok=True)
    shutil.copyfile(database, folder / "mlflow.db")
    change(folder / "params.yaml", SMALL)
    shell(folder, "git init -q && git add -A && git commit -qm Before")
    for stage in _not_in_the_small_run(folder):
        shell(folder, f"dvc repro -q --single-item {stage}")
    shell(folder, "dvc commit -q --force --with-deps report && dvc repro -q register")
    shell(folder, "git add -A && git commit -qm Run")


def _not_in_the_small_run(folder: Path) -> list[str]:
    """Stages before the registration that left nothing yet: those that tests of the command line do not need."""
    stages = YAML(typ="safe").load(folder / "dvc.yaml")["stages"]
    outs = {name: [next(iter([out] if isinstance(out, str) else out)) for out in stage.get("outs", [])]
            for name, stage in stages.items() if name != "register" and "matrix" not in stage}  # fmt: skip
    return [name for name, paths in outs.items() if not all((folder / path).exists() for path in paths)]


def change(path: Path, values: dict) -> None:
    """Change parameters in a params.yaml, and nothing else of it."""
    whole = YAML().load(path)
    _merge(whole, values)
    YAML().dump(whole, path)


def _merge(into: dict, values: dict) -> None:
    for name, value in values.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = value
