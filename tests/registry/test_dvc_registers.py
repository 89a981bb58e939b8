"""DVC and the registry: after a clone, without its database, on another server, and from experiments run elsewhere."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from attune.registry import identity
from attune.tracking import client as mlflow_client

REPOSITORY = Path(__file__).parents[2]
DVC = str(Path(sys.executable).with_name("dvc"))
REGISTER = YAML(typ="safe").load((REPOSITORY / "dvc.yaml").read_text())["stages"]["register"]


def graph():
    """A stage that makes what the real register stage reads, and that stage but for its dependencies on code."""
    deps = [dep for dep in REGISTER["deps"] if not dep.startswith("${code}")]
    return {
        "stages": {
            "make": {"cmd": "cp -r made/. .", "deps": ["made"], "outs": deps},
            "register": {**REGISTER, "deps": deps},
        }
    }


@pytest.fixture
def project(here, trained, params):
    """A repository of git and DVC, with a remote of DVC's; nothing run yet."""
    folder = here / "a project"
    shutil.copytree(trained, folder / "made")
    shutil.copytree(REPOSITORY / "tools", folder / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (folder / "made").rglob("*.safetensors"):
        assert path.stat().st_size < 2e7
    yaml = YAML()
    yaml.dump(graph(), folder / "dvc.yaml")
    yaml.dump(params.model_dump(mode="json", by_alias=True), folder / "params.yaml")
    (folder / ".gitignore").write_text("/mlflow.db*\n/mlartifacts\n/.attune\n")
    shutil.copyfile(here / "mlflow.db", folder / "mlflow.db")
    run("git", "init", "-q", cwd=folder)
    run(DVC, "init", "-q", cwd=folder)
    run(DVC, "remote", "add", "-q", "-d", "store", str(here / "remote"), cwd=folder)
    commit(folder)
    return folder


def run(*command, cwd, **environment):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "DVC_", "GIT_"))}
    who = {f"GIT_{role}_{what}": "a@b.c" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    done = subprocess.run(
        command,
        cwd=cwd,
        env=clean | who | {"DVC_NO_ANALYTICS": "1", "PATH": "/usr/bin:/bin"} | environment,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def commit(folder):
    run("git", "add", "-A", cwd=folder)
    run("git", "commit", "-qm", "all", cwd=folder)


def registered(database, monkeypatch, name="attune"):
    """The numbers of the versions in a database."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{database}")
    client = mlflow_client.connect_to_read()
    found = client.search_model_versions(f"name='{name}'")
    assert len({version.tags["attune.model"] for version in found}) == len(found)
    return sorted(int(version.version) for version in found), identity.latest(client, name)


@pytest.mark.slow
def test_what_the_registry_lacks_is_registered_and_nothing_twice(project, here, monkeypatch):
    run(DVC, "repro", cwd=project)
    assert registered(project / "mlflow.db", monkeypatch)[0] == [1]
    assert "this very model already" in run(DVC, "repro", cwd=project)
    assert registered(project / "mlflow.db", monkeypatch)[0] == [1]
    commit(project)
    run(DVC, "push", "-q", cwd=project)

    clone = here / "clone"
    run("git", "clone", "-q", str(project), str(clone), cwd=here)
    shutil.copyfile(here / "mlflow.db", clone / "mlflow.db")
    run(DVC, "repro", "--pull", cwd=clone)
    versions, found = registered(clone / "mlflow.db", monkeypatch)
    assert versions == [1]
    assert found.source.startswith("models:/")
    assert list(clone.glob("mlartifacts/**/model.safetensors"))

    shutil.rmtree(project / "mlartifacts")
    shutil.copyfile(here / "mlflow.db", project / "mlflow.db")  # deleted, but for the seconds that making one takes
    run(DVC, "repro", cwd=project)
    assert registered(project / "mlflow.db", monkeypatch)[0] == [1]

    (here / "server").mkdir()
    shutil.copyfile(here / "mlflow.db", here / "server/mlflow.db")
    run(DVC, "repro", cwd=project, MLFLOW_TRACKING_URI=f"sqlite:///{here}/server/mlflow.db")
    assert registered(here / "server/mlflow.db", monkeypatch)[0] == [1]


@pytest.mark.slow
def test_three_experiments_of_a_queue_at_once_register_in_the_projects_own_registry(project, monkeypatch):
    run(DVC, "repro", cwd=project)
    commit(project)
    for name in ("one", "two", "three"):
        run(DVC, "exp", "run", "--queue", "-n", name, "-S", f"register.name={name}", cwd=project)
    on_path = f"{Path(DVC).parent}:/usr/bin:/bin"  # DVC itself starts its workers as `dvc`
    run(DVC, "exp", "run", "--run-all", "-j", "3", cwd=project, PATH=on_path)
    for name in ("one", "two", "three"):
        versions, found = registered(project / "mlflow.db", monkeypatch, name)
        assert versions == [1], name
        client = mlflow_client.connect_to_read()
        assert client.get_run(found.run_id).info.run_name == name
        assert client.get_run(found.run_id).info.artifact_uri.startswith((project / "mlartifacts").as_uri())
    run(DVC, "exp", "apply", "two", cwd=project)
    assert '"name": "two"' in (project / "reports/registered.json").read_text()
