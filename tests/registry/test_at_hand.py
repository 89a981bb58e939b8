"""The project's registry read without MLflow says what MLflow says, and leaves to it what is out of the ordinary."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress

import pytest
from mlflow.exceptions import MlflowException

from attune.errors import AttuneError
from attune.promotion import champion, history
from attune.registry import at_hand, glance, references, versions
from attune.tracking import client as mlflow_client
from attune.tracking import query

NAMES = ("attune", "it's", "a b", "Ümlaut%")
ASKED = (
    *(
        None,
        "1",
        "2",
        "3",
        "candidate",
        "champion",
        "latest",
        "nobody",
        "it's",
        "it's/1",
        "it's@candidate",
        "a b/latest",
    ),
    *("models:/attune/2", "models:/attune@champion", "9" * 30, "²", "", "x/y/z", "attune/0", "attune@", "a\"b'c"),
)


@pytest.fixture(scope="module")
def place(new_database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("registry")
    shutil.copyfile(new_database.path, folder / "mlflow.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder}/mlflow.db")
        yield folder


@pytest.fixture(scope="module")
def both(place):
    """MLflow's client, and the one at hand, on a registry with a history, tags, and a deleted version."""
    client = mlflow_client.connect()
    run_id = client.create_run(mlflow_client.experiment_id(client)).info.run_id
    for name in NAMES:
        client.create_registered_model(name)
        for number in (1, 2, 3):
            tags = {"of": f"{name} {number}", "more": "'; --"}
            client.create_model_version(name, f"file://{place}/models/{number}", run_id, tags=tags, description="d")
        client.set_registered_model_alias(name, "candidate", "3")
    client.delete_model_version("attune", "3")
    history.append(client, "attune", history.Entry("promote", "1", 0, "ada", "why"))
    champion.settle(client, "attune")
    quick = at_hand.connect()
    assert isinstance(quick, at_hand.AtHand)
    return client, quick


def facts(version):
    made = (version.status, version.creation_timestamp, version.description)
    return (version.name, str(version.version), dict(version.tags), version.run_id, version.source, *made)


def outcome(act):
    try:
        return facts(act())
    except AttuneError as error:
        return str(error)


@pytest.mark.parametrize("which", ASKED)
def test_a_model_is_found_as_mlflow_finds_it(both, which):
    for finder in (references.find, champion.find):
        told, quick = (outcome(lambda: finder(client, which, "attune")) for client in both)  # noqa: B023
        assert quick == told


def test_a_version_knows_its_aliases(both):
    told, quick = (sorted(client.get_model_version("attune", "1").aliases) for client in both)
    assert quick == told == ["champion"]


def test_models_and_versions_are_those_that_mlflow_lists(both):
    told, quick = (
        {model.name: {alias: str(version) for alias, version in model.aliases.items()} for model in found}
        for found in (client.search_registered_models() for client in both)
    )
    assert quick == told
    for name in (*NAMES, "attune.history", "none"):
        told, quick = (sorted(map(facts, client.search_model_versions(query.named(name)))) for client in both)
        assert quick == told
    for client in both:
        assert history.read(client, "attune")[0].by == "ada"
    with pytest.raises(at_hand.Missing):
        both[1].get_registered_model("none")
    with pytest.raises(MlflowException):
        both[0].get_registered_model("none")


def test_files_are_where_the_database_says_and_missing_ones_are_told_by_mlflow(both, place):
    version = references.find(both[1], "2", "attune")
    (place / "models/2/code/attune").mkdir(parents=True)
    assert versions.fetch(version) == place / "models/2"
    shutil.rmtree(place / "models/2")
    with pytest.raises(AttuneError, match="is gone from the artifact store"):
        versions.fetch(version)


def test_its_tables_are_those_of_the_mlflow_installed(here):
    with closing(sqlite3.connect(here / "mlflow.db")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (at_hand.SCHEMA,)


@pytest.mark.parametrize(
    "change",
    ["DELETE FROM alembic_version", "UPDATE alembic_version SET version_num = 'x'", "DROP TABLE alembic_version"],
)
def test_a_database_of_another_mlflow_is_left_to_mlflow(here, change):
    with closing(sqlite3.connect(here / "mlflow.db")) as connection, connection:
        connection.execute(change)
    with pytest.raises(AttuneError):
        at_hand.connect()


@pytest.mark.parametrize("variable", ["MLFLOW_REGISTRY_URI", "MLFLOW_WORKSPACE"])
def test_what_only_mlflow_knows_is_left_to_it(here, monkeypatch, variable):
    monkeypatch.setenv(variable, f"sqlite:///{here}/mlflow.db" if variable.endswith("URI") else "default")
    assert not isinstance(at_hand.connect(), at_hand.AtHand)


TABLES = """
CREATE TABLE model_versions (name, version, run_id, source, storage_location, status, creation_time, description,
  workspace, current_stage);
CREATE TABLE model_version_tags (version, key, value, name, workspace);
CREATE TABLE registered_model_aliases (alias, version, name, workspace);
INSERT INTO registered_model_aliases VALUES ('candidate', 1, 'attune', 'default');
"""
REGISTERED = """
INSERT INTO model_versions VALUES ('attune', {0}, 'run', '', '', 'READY', 0, '', 'default', 'None');
UPDATE registered_model_aliases SET version = {0};
"""


def test_an_alias_that_moves_to_a_new_version_while_it_is_looked_up_is_found(tmp_path, monkeypatch):
    file, opened = tmp_path / "mlflow.db", glance.opened
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(TABLES + REGISTERED.format(1))

    def register(statement):
        if "registered_model_aliases" in statement:  # once the versions are read
            with suppress(sqlite3.OperationalError), closing(sqlite3.connect(file, timeout=0)) as other:
                other.executescript(f"BEGIN; {REGISTERED.format(2)} COMMIT")

    def watched(file):
        connection = opened(file)
        connection.set_trace_callback(register)
        return connection

    monkeypatch.setattr(glance, "opened", watched)
    assert at_hand.AtHand(file).get_model_version_by_alias("attune", "candidate").version == "1"


def test_finding_and_refusing_import_nothing_of_mlflow(both):
    code = (
        "import sys; from attune.registry import at_hand, versions; from attune.promotion import champion;"
        "from attune.cli.models import scoring;"
        "client = at_hand.connect(); print(champion.find(client).version);"
        "print(sorted({'mlflow', 'sqlalchemy', 'requests', 'botocore', 'torch', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["1", "[]"]
