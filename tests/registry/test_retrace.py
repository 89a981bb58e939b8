"""`attune lineage`: what a version comes from, and the way back there."""

import json
import shlex
import shutil
import subprocess
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from registry_samples import FOLDS
from small_project import change, shell

from attune.cli import app
from attune.errors import AttuneError
from attune.params import load
from attune.registry import retrace, versions
from attune.steps import register
from attune.tracking import client as mlflow_client

pytestmark = pytest.mark.slow


@pytest.fixture
def registered(here, trained, params):
    """A folder under git and DVC in which something was registered, one file having been changed since the commit."""
    shutil.copytree(trained, here, dirs_exist_ok=True)
    (here / "dvc.lock").write_text("schema: '2.0'\nstages: {corpus: {outs: [{path: data/corpus, md5: 22.dir}]}}\n")
    (here / ".gitignore").write_text("/mlflow.db\n/mlartifacts\n/models\n/reports\n/.attune\n")
    (here / "code.py").write_text("1")
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "-A"], [*who, "commit", "-qm", "all"]):
        subprocess.run(["git", *command], check=True)
    (here / "code.py").write_text("2")
    reports = here / "reports"
    register.run(
        params,
        models=(here / "models",),
        metrics=reports / "metrics.json",
        evaluation=reports / "evaluation",
        attention=reports / "attention",
        report=reports / "index.html",
        out=reports / "registered.json",
    )
    return here


def lineage(*arguments):
    return CliRunner().invoke(app, ["lineage", *map(str, arguments)])


def test_it_is_told_to_people(registered):
    told = lineage("candidate")
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    assert told.exit_code == 0, told.output
    for part in (commit, "with changes", "code.py", "22.dir", "loso5", "UAR 0.500 (0.400–0.600)", "git worktree add"):
        assert part in told.output


def test_signs_of_markup_in_a_file_s_name_are_told_as_they_are(registered):
    client = mlflow_client.connect()
    client.set_model_version_tag("attune", "1", "attune.git.changed", '["takes [old] x.wav", "a[/]b"]')
    told = lineage("1").output
    assert "takes [old] x.wav, a[/]b" in " ".join(told.split())


def test_what_is_gone_of_it_is_named(registered):
    (file,) = registered.rglob("lineage.json")
    file.write_text("half")
    for told in (lineage("1"), lineage("1", "--json")):
        assert told.exit_code == 0, told.output
        assert "/lineage/lineage.json. Its data, parameters and scores are unknown" in told.stderr


def test_it_is_told_to_programs(registered):
    facts = json.loads(lineage("1", "--json").output)
    assert facts["git.clean"] is False
    assert facts["git.changed"] == ["code.py"]
    assert facts["folds"] == list(FOLDS)
    assert facts["dvc"] == {"data/corpus": "22.dir"}
    assert facts["version"] == "0.1.0"


def test_parameters_and_lock_come_back_as_they_were(registered, params):
    (registered / "other").mkdir()
    assert lineage("1", "--files", "other").exit_code == 0
    assert load(registered / "other/params.yaml") == params
    assert (registered / "other/dvc.lock").read_bytes() == (registered / "dvc.lock").read_bytes()


def test_a_folder_that_is_not_there_is_an_error(registered):
    assert isinstance(lineage("1", "--files", "nowhere").exception, AttuneError)


def test_a_version_without_lineage_is_an_error(registered):
    client = mlflow_client.connect()
    bare = client.create_model_version("attune", "models:/attune/1")
    with pytest.raises(AttuneError, match="has no lineage"):
        retrace.facts(client, versions.find(client, str(bare.version)))


def test_plain_text_stays_text_and_parts_are_parsed():
    assert retrace._parsed("1.0") == "1.0"
    assert retrace._parsed("12e4567890") == "12e4567890"
    assert retrace._parsed("true") is True
    assert retrace._parsed('{"a": 1}') == {"a": 1}


def test_the_way_back_can_be_pasted_whatever_the_model_is_called():
    named = SimpleNamespace(name="my model; $(date)", version="3")
    words = [shlex.split(command) for command in retrace.commands(named, "c0ffee")]
    assert words[1][-2:] == ["../my model; $(date)-3", "c0ffee"]
    assert words[2] == ["attune", "lineage", "my model; $(date)/3", "--files", "../my model; $(date)-3"]
    assert words[3] == ["cd", "../my model; $(date)-3"]


@pytest.mark.slow
def test_the_way_back_leads_to_the_same_scores(small_project):
    """Changes code, parameters and scores of a real run and commits, then does what `attune lineage` says."""
    scores = (small_project / "reports/metrics.json").read_bytes()
    change(small_project / "params.yaml", {"evaluate": {"seed": 9}})
    with (small_project / "src/attune/steps/evaluate.py").open("a") as code:
        code.write("# changed\n")
    shell(small_project, "dvc repro -q -s evaluate; git commit -qam Other")
    assert (small_project / "reports/metrics.json").read_bytes() != scores

    told = shell(small_project, "attune lineage 1")
    commands = told.partition("in the repository:")[2].strip().splitlines()
    assert commands[-1].strip() == "make run"
    shell(small_project, "\n".join(commands[:-1]))
    there = small_project.parent / "attune-1"
    assert shell(there, "dvc status --json evaluate").strip() == "{}"
    assert (there / "reports/metrics.json").read_bytes() == scores
