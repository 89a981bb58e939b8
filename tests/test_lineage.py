"""Lineage says which code, data, parameters and scores a model comes from."""

import json
import os
import subprocess

import pytest

from attune import environment, lineage
from attune.artifacts.metrics import Metrics
from attune.errors import AttuneError
from attune.params import Params
from attune.tasks import TASKS

LOCK = """\
schema: '2.0'
stages:
  corpus:
    cmd: attune corpus
    deps:
    - path: src/attune/corpus
      hash: md5
      md5: 1111.dir
    outs:
    - path: data/corpus
      hash: md5
      md5: 2222.dir
  evaluate:
    cmd: attune evaluate
    deps:
    - path: data/corpus
      hash: md5
      md5: 2222.dir
    outs:
    - path: results/metrics.json
      hash: md5
      md5: '3333'
"""


@pytest.fixture
def repository(tmp_path, monkeypatch):
    for name in (environment.GIT_COMMIT, environment.GIT_CLEAN, environment.DATA_MD5, environment.PIPELINE_RUN):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "code.py").write_text("1")
    (tmp_path / "dvc.lock").write_text(LOCK)
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    return tmp_path


def git(folder, *arguments):
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    return subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def commit(folder):
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "all")


def test_a_clean_tree_is_its_commit(repository):
    state = lineage.git_state(repository)
    assert state.commit == git(repository, "rev-parse", "HEAD").strip()
    assert state.changed == ()


@pytest.mark.parametrize("path", ["dvc.lock", "reports/metrics.json", "results/metrics.json", "data/corpus/a.parquet"])
def test_what_the_graph_writes_does_not_make_a_tree_unclean(repository, path):
    (repository / path).parent.mkdir(parents=True, exist_ok=True)
    (repository / path).write_text((repository / "dvc.lock").read_text() + "\n")
    assert lineage.git_state(repository).changed == ()


@pytest.mark.parametrize("path", ["code.py", "new.py", "a folder/with spaces.py"])
def test_what_a_person_changes_does(repository, path):
    (repository / path).parent.mkdir(exist_ok=True)
    (repository / path).write_text("2")
    assert lineage.git_state(repository).changed == (path,)


def test_where_git_cannot_compare_nothing_is_called_clean(repository):
    (repository / ".git/index").write_bytes(b"torn")
    assert lineage.git_state(repository) == (git(repository, "rev-parse", "HEAD").strip(), None)


@pytest.mark.parametrize("state", ["clean", "changed", "torn"])
def test_what_the_tags_say_of_git_is_what_all_else_says_whatever_is_committed_meanwhile(repository, state):
    if state == "changed":
        (repository / "code.py").write_text("2")
    if state == "torn":
        (repository / ".git/index").write_bytes(b"torn")
    scores = {"loso5": {"mtl-att": {"test": {}}}}
    before, tags = lineage.git_state(repository), lineage.tags(Params(), Metrics.parse(scores), repository)
    (repository / ".git/index").unlink()
    (repository / "later.py").touch()
    commit(repository)
    assert lineage.git_of(tags) == before


def test_gits_index_is_left_to_the_user_who_may_be_committing(repository):
    os.utime(repository / "code.py", (1, 1))  # which git notes in its index when it may lock it
    before = (repository / ".git/index").read_bytes()
    assert lineage.git_state(repository).changed == ()
    assert (repository / ".git/index").read_bytes() == before


def test_names_that_are_not_utf8_are_shown_escaped(repository):
    (repository / os.fsdecode(b"caf\xe9.py")).touch()
    assert lineage.git_state(repository).changed == (r"caf\xe9.py",)


def test_no_version_is_registered_from_a_checkout_that_git_does_not_trust(repository, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert lineage.git_state(repository) == (None, None)
    with pytest.raises(AttuneError, match=f"another user.*\n.* git config --global --add safe.directory {repository}$"):
        lineage.tags(Params(), Metrics.parse({"loso5": {"mtl-att": {"test": {}}}}), repository)


def test_a_project_in_a_folder_of_a_repository_knows_only_its_own_files(repository):
    project = repository / "project"
    project.mkdir()
    (project / "mine.py").write_text("1")
    (repository / "code.py").write_text("2")
    assert lineage.git_state(project).changed == ("mine.py",)


def test_outside_a_repository_the_environment_tells(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    for name in (environment.GIT_COMMIT, environment.GIT_CLEAN):
        monkeypatch.delenv(name, raising=False)
    assert lineage.git_state(tmp_path) == (None, None)
    monkeypatch.setenv(environment.GIT_COMMIT, "a" * 40)
    monkeypatch.setenv(environment.GIT_CLEAN, "true")
    assert lineage.git_state(tmp_path) == ("a" * 40, ())


def test_every_path_dvc_knows_has_its_md5(repository):
    assert lineage.data_md5(repository) == {
        "data/corpus": "2222.dir",
        "results/metrics.json": "3333",
        "src/attune/corpus": "1111.dir",
    }


def test_a_pipeline_passes_its_md5_by_the_environment(repository, monkeypatch):
    monkeypatch.setenv(environment.DATA_MD5, '{"corpus": "abc"}')
    assert lineage.data_md5(repository) == {"corpus": "abc"}
    monkeypatch.setenv(environment.DATA_MD5, "abc")
    with pytest.raises(AttuneError, match="ATTUNE_DATA_MD5"):
        lineage.data_md5(repository)


def test_a_damaged_lock_is_an_error_that_names_it(repository):
    (repository / "dvc.lock").write_text("stages: [")
    with pytest.raises(AttuneError, match=r"dvc\.lock"):
        lineage.data_md5(repository)


def test_tags_are_text_and_what_has_parts_is_json(repository, monkeypatch):
    monkeypatch.setenv(environment.PIPELINE_RUN, "run-7")
    params = Params.model_validate({"folds": ["session2"], "train": {"seed": 5, "learning_rate": 3e-4}})
    scores = {"test": {task: {"uar": {"value": 0.5, "low": 0.4, "high": 0.6, "n": 9}} for task in TASKS}}
    tags = lineage.tags(params, Metrics.parse({"loso5": {"mtl-att": scores, "stl": {}}}), repository)
    assert all(isinstance(text, str) for text in tags.values())
    assert tags["attune.git.commit"] == git(repository, "rev-parse", "HEAD").strip()
    assert tags["attune.git.clean"] == "true"
    assert tags["attune.protocol"] == "loso5"
    assert tags["attune.pipeline_run"] == "run-7"
    assert json.loads(tags["attune.dvc"])["data/corpus"] == "2222.dir"
    assert json.loads(tags["attune.folds"]) == ["session2"]
    assert json.loads(tags["attune.seeds"])["train"] == 5
    assert json.loads(tags["attune.scores"]) == scores
    assert Params.model_validate(json.loads(tags["attune.params"])) == params


def test_without_scores_there_is_no_lineage(repository):
    with pytest.raises(AttuneError, match="no scores of mtl-att under loso5"):
        lineage.tags(Params(), Metrics.parse({"loso5": {"stl": {}}}), repository)
