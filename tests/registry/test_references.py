"""One way to name a version, for every command."""

import json

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from registry_samples import voice, write_wav

from attune import tags
from attune.cli import app
from attune.errors import AttuneError
from attune.registry import references
from attune.tracking import client as mlflow_client

pytestmark = pytest.mark.slow


@pytest.fixture
def client(here):
    """Two models: attune with versions 1 to 3, emo with 1 and 2; and a project whose own model is emo."""
    client = mlflow_client.connect()
    for name, count in (("attune", 3), ("emo", 2), ("attune.history", 0)):
        client.create_registered_model(name)
        for number in range(1, count + 1):
            uar = {
                task: {"uar": {"value": number / 10, "low": 0.0, "high": 1.0}}
                for task in ("arousal", "valence", "dominance")
            }
            facts = {tags.SYSTEM: "mtl-att", tags.SCORES: json.dumps({"test": uar}), tags.GIT_COMMIT: "c0ffee" * 6}
            client.create_model_version(name, str(here), tags=facts)
    client.set_registered_model_alias("attune", "champion", "1")
    client.set_registered_model_alias("attune", "candidate", "3")
    client.set_registered_model_alias("emo", "candidate", "2")
    (here / "params.yaml").write_text("register: {name: emo}\n")
    return client


NAMES = {
    None: "emo/2",
    "1": "emo/1",
    "candidate": "emo/2",
    "@candidate": "emo/2",
    "emo": "emo/2",
    "attune": "attune/1",
    "attune/2": "attune/2",
    "attune@candidate": "attune/3",
    "attune/latest": "attune/3",
    "latest": "emo/2",
    "models:/attune/2": "attune/2",
    "models:/attune@champion": "attune/1",
    "models:/attune": "attune/1",
}


@pytest.mark.parametrize(("which", "wanted"), NAMES.items())
def test_a_version_may_be_named_in_many_ways(client, which, wanted):
    version = references.find(client, which, "emo")
    assert f"{version.name}/{version.version}" == wanted


PROMOTED = {None: "emo/2", "attune": "attune/3", "models:/attune": "attune/3", "attune@champion": "attune/1"}


@pytest.mark.parametrize(("which", "wanted"), PROMOTED.items())
def test_what_is_promoted_is_the_candidate_not_the_champion(client, which, wanted):
    client.delete_registered_model_alias("emo", "candidate")  # then the newest is meant
    version = references.find(client, which, "emo", meant=("candidate", "latest"))
    assert f"{version.name}/{version.version}" == wanted


@pytest.mark.parametrize("which", ["9", "nobody", "attune/9", "attune@nobody", "other/1", "models:/other", "", "a/b/c"])
def test_what_is_not_there_is_told_with_where_was_looked_and_what_there_is(client, here, which):
    with pytest.raises(AttuneError, match="is registered") as caught:
        references.find(client, which, "emo")
    assert str(caught.value).startswith(f"{here}/mlflow.db: ")
    assert "Registered there: attune, emo." in str(caught.value)


@pytest.mark.parametrize("which", ["attune.history", "attune.history/1", "models:/attune.history@champion"])
def test_the_history_of_champions_is_no_model(client, which):
    with pytest.raises(AttuneError, match="is the history of the champions of 'attune', not a model"):
        references.find(client, which, "emo")


COMMANDS = {
    "score": ["score", "a.wav", "--model"],
    "serve": ["serve", "--model"],
    "export": ["export", "--out", "x.onnx", "--model"],
    "lineage": ["lineage"],
    "lineage --model": ["lineage", "--model"],
    "card": ["card"],
    "card --model": ["card", "--model"],
    "promote": ["promote"],
    "promote --model": ["promote", "--model"],
    "compare": ["compare", "emo/1"],
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=list(COMMANDS))
@pytest.mark.parametrize(
    ("which", "said"), [("17", "'17' of a model named 'emo'"), ("attune@x", "'x' of a model named 'attune'")]
)
def test_every_command_takes_them_all_and_knows_the_projects_own_model(client, here, command, which, said):
    write_wav(here / "a.wav", voice(0.3))
    if command[0] == "compare":  # whatever A is, B is looked for before anything is compared
        command = ["compare", which]
        which = "1"
    done = CliRunner().invoke(app, [*command, which])
    assert isinstance(done.exception, AttuneError), done.output
    assert said in str(done.exception)


@pytest.mark.parametrize(
    "command",
    [*COMMANDS.values(), ["versions"], ["history"], ["rollback"], ["score", "a.wav"]],
    ids=lambda command: " ".join(command),
)
def test_no_command_that_reads_makes_a_database_and_it_says_where_it_looked(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    soundfile.write(tmp_path / "a.wav", np.sin(np.arange(8000) / 10) / 4, 16_000)
    (tmp_path / "params.yaml").write_text("register: {name: emo}\n")
    needs_model = command[-1] == "--model" or command[0] == "compare"
    done = CliRunner().invoke(app, [*command, "emo/1"] if needs_model else command)
    assert isinstance(done.exception, AttuneError), done.output
    assert f"{tmp_path}/mlflow.db: there is no MLflow database yet" in str(done.exception)
    assert {path.name for path in tmp_path.iterdir()} == {"a.wav", "params.yaml"}


def test_versions_are_listed_with_aliases_scores_and_where(client, here):
    listed = CliRunner().invoke(app, ["versions", "--model", "attune"])
    assert listed.exit_code == 0, listed.output
    first, _, *lines = listed.output.splitlines()
    assert first == f"attune in {here}/mlflow.db; test UAR in %"
    lines = [line.split() for line in lines]
    assert [line[0] for line in lines] == ["3", "2", "1"]
    assert "candidate" in lines[0]
    assert "champion" in lines[2]
    assert "30.0" in lines[0]
    assert lines[0][-1] == "c0ffeec"
    own = json.loads(CliRunner().invoke(app, ["versions", "--json"]).output)
    assert [(row["version"], row["aliases"]) for row in own] == [("emo/2", ["candidate"]), ("emo/1", [])]
    assert own[0]["uar"]["valence"] == 0.2


def test_a_model_that_is_not_there_has_no_versions(client):
    done = CliRunner().invoke(app, ["versions", "--model", "other"])
    assert "Registered there: attune, emo." in str(done.exception)


def test_a_model_named_twice_is_a_question(client):
    done = CliRunner().invoke(app, ["lineage", "1", "--model", "2"])
    assert done.exit_code == 2
    assert "two models are given" in done.output


@pytest.mark.parametrize(
    ("tag", "text"),
    [(tags.SCORES, '{"test": {"arousal": {"uar": 3}}}'), (tags.SCORES, "{"), (tags.SCORES, "[]"), (tags.FOLDS, "true")],
)
def test_edited_tags_are_one_message_and_never_a_traceback(client, tag, text):
    client.set_model_version_tag("attune", "2", tag, text)
    told = CliRunner().invoke(app, ["lineage", "attune/2"])
    assert isinstance(told.exception, AttuneError), told.output
    assert "not in the form that attune writes" in str(told.exception)
    assert CliRunner().invoke(app, ["lineage", "attune/2", "--json"]).exit_code == 0
    assert CliRunner().invoke(app, ["versions", "--model", "attune"]).exit_code == 0


def test_lineage_says_the_whole_address(client, here):
    told = CliRunner().invoke(app, ["lineage", "attune/2"])
    assert f"models:/attune/2 in {here}/mlflow.db" in told.output
    assert "attune lineage attune/2 --files ../attune-2" in told.output
