"""Versions are registered with their lineage, found by number and alias, and loaded with their own code."""

import os
import shutil
import subprocess
import sys

import pytest
from registry_samples import FOLDS, voice, write_wav

from attune import tags
from attune.errors import AttuneError
from attune.registry import own_code, versions
from attune.storage import sums
from attune.tracking import client as mlflow_client

pytestmark = pytest.mark.slow


@pytest.fixture
def client(here):
    return mlflow_client.connect()


def register(client, trained, tags=None):
    run = client.create_run(mlflow_client.experiment_id(client))
    folds = {fold: trained / "models/mtl-att" / fold for fold in FOLDS}
    return versions.register(client, run.info.run_id, "attune", folds, tags or {})


def test_a_new_version_is_the_candidate_and_carries_its_tags(client, trained, here):
    register(client, trained, {"attune.protocol": "loso5"})
    second = register(client, trained)
    assert versions.find(client, "candidate").version == second.version
    assert versions.find(client, "1").tags["attune.protocol"] == "loso5"
    assert not (here / "mlruns").exists()
    assert {path.name for path in here.iterdir()} == {"mlflow.db", "mlartifacts"}


def test_of_two_registered_at_the_same_moment_the_newer_one_is_the_candidate(client, trained, monkeypatch):
    """The other one is registered whole between the look at the alias and its change, twice."""
    point, others = client.set_registered_model_alias, iter("23")

    def slowly(name, alias, version):
        if other := next(others, None):
            first = client.get_model_version(name, "1")
            assert str(client.create_model_version(name, first.source, first.run_id).version) == other
            point(name, alias, other)
        point(name, alias, version)

    monkeypatch.setattr(client, "set_registered_model_alias", slowly)
    assert str(register(client, trained).version) == "1"
    assert str(versions.find(client, "candidate").version) == "3"


def test_the_champion_is_the_default_and_else_the_candidate(client, trained):
    with pytest.raises(AttuneError, match="no model named 'attune' is registered"):
        versions.find(client)
    first, second = register(client, trained), register(client, trained)
    assert versions.find(client).version == second.version
    client.set_registered_model_alias("attune", "champion", first.version)
    assert versions.find(client).version == first.version
    assert versions.find(client, f"models:/attune/{second.version}").version == second.version
    assert versions.find(client, "models:/attune@candidate").version == second.version


@pytest.mark.parametrize("which", ["9", "nobody", "models:/attune@nobody", "models:/other/1", "models:/other", ""])
def test_an_unknown_version_is_an_error(client, trained, which):
    register(client, trained)
    with pytest.raises(AttuneError, match="is registered"):
        versions.find(client, which)


def test_of_a_damaged_version_the_same_model_is_registered_again_once_it_is_deleted(client, trained, here):
    """As the remedy says: before that, the registry has the model already."""
    same = {tags.MODEL: "abc"}
    assert {register(client, trained, same).version for _ in range(2)} == {1}
    for file in here.glob("mlartifacts/**/model.json"):
        file.unlink()
    with pytest.raises(
        AttuneError, match=r"attune/1, .*model\.json: is missing\n  .* delete the version in MLflow and"
    ):
        versions.fetch(versions.find(client, "1"))
    client.delete_model_version("attune", "1")
    assert versions.fetch(register(client, trained, same)).is_dir()


def vouch(client, here):
    """Let the tag vouch for what the files of version 1 are now."""
    [code] = here.glob("mlartifacts/**/code/attune")
    digest = own_code.digest(code, code.parents[1] / "artifacts/folds")
    client.set_model_version_tag("attune", "1", tags.FILES, digest)


def test_a_version_runs_its_own_code(client, trained, here):
    register(client, trained)
    [shipped] = here.glob("mlartifacts/**/code/attune/served/schema.py")
    score = "prediction.scores[task.name])"
    shipped.write_text(shipped.read_text().replace(score, f"{score} + 100"))
    sums.enter_tree(shipped.parents[1])
    vouch(client, here)
    write_wav(here / "a.wav", voice(0.3))
    code = (
        "from attune.cli import app; from attune.tracking import client; from pathlib import Path;"
        "from attune.registry import running, versions; from attune.serving import batch_scoring, listing;"
        "items = [listing.Item(Path('a.wav'))];"
        "print(batch_scoring.score(running.load(versions.find(client.connect())), items).loc[0, 'arousal'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert float(done.stdout) > 100, done.stderr


def test_two_projects_register_from_one_process_each_in_its_own_database(
    client, trained, here, monkeypatch, new_database
):
    client.create_experiment("another")  # so that the numbers of experiments differ
    register(client, trained)
    (here / "other").mkdir()
    shutil.copyfile(new_database.path, here / "other/mlflow.db")
    monkeypatch.chdir(here / "other")
    other = mlflow_client.connect()
    assert other.search_registered_models() == []
    register(other, trained)
    assert (here / "other/mlartifacts").is_dir()
    assert not [name for name in os.environ if name.startswith("MLFLOW_EXPERIMENT")]
    assert "MLFLOW_TRACKING_URI" not in os.environ
