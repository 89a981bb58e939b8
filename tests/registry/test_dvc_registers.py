"""DVC and the registry: after a clone, without its database, on another server, and from experiments run elsewhere."""

import json
import shutil

import pytest
from small_project import shell

from attune.registry import identity
from attune.tracking import client as mlflow_client

pytestmark = pytest.mark.slow
ALREADY = "is already this model"


def registered(database, monkeypatch, name="attune"):
    """The numbers of the versions in a database, and the latest."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{database}")
    client = mlflow_client.connect_to_read()
    found = client.search_model_versions(f"name='{name}'")
    assert len({version.tags["attune.model"] for version in found}) == len(found)
    return sorted(int(version.version) for version in found), identity.latest(client, name)


def test_what_the_registry_has_is_not_registered_twice(small_project, monkeypatch):
    assert ALREADY in shell(small_project, "dvc repro register")
    assert registered(small_project / "mlflow.db", monkeypatch)[0] == [1]


def test_a_clone_registers_in_its_own_registry_and_pulls_all_else(small_project, new_database, monkeypatch):
    remote, clone = small_project.parent / "remote", small_project.parent / "clone"
    shell(small_project, f"dvc remote add -q -d store '{remote}'; git commit -qam Remote; dvc push -q")
    shell(small_project.parent, "git clone -q 'a project' clone")
    shutil.copyfile(new_database.path, clone / "mlflow.db")  # spares the seconds that making one takes
    shell(clone, "dvc repro --pull register")
    versions, found = registered(clone / "mlflow.db", monkeypatch)
    assert versions == [1]
    assert found.source.startswith("models:/")
    assert list(clone.glob("mlartifacts/**/model.safetensors"))


def test_another_registry_that_lacks_it_gets_it(small_project, new_database, monkeypatch):
    elsewhere = small_project.parent / "server.db"
    shutil.copyfile(new_database.path, elsewhere)
    shell(small_project, "dvc repro -s register", MLFLOW_TRACKING_URI=f"sqlite:///{elsewhere}")
    assert registered(elsewhere, monkeypatch)[0] == [1]


def test_two_experiments_of_a_queue_at_once_register_in_the_projects_own_registry(small_project, monkeypatch):
    names = ("one", "two")
    queued = "; ".join(f"dvc exp run --queue -n {name} -s -S register.name={name} register" for name in names)
    shell(small_project, f"git add -A; git commit -qm Before --allow-empty; {queued}; dvc exp run --run-all -j 2")
    for name in names:
        versions, found = registered(small_project / "mlflow.db", monkeypatch, name)
        assert versions == [1], name
        run = mlflow_client.connect_to_read().get_run(found.run_id)
        assert run.info.run_name == name
        assert run.info.artifact_uri.startswith((small_project / "mlartifacts").as_uri())
    shell(small_project, "dvc exp apply two")
    assert json.loads((small_project / "reports/registered.json").read_text())["name"] == "two"
