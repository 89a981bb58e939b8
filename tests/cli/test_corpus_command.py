"""`attune corpus` is a step, and the door to what is done with a corpus beside it."""

import json
import os

import own_recordings
import pandas as pd
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from attune.cli import app
from attune.errors import AttuneError

pytestmark = pytest.mark.slow

PARAMS = {"corpus": {"kind": "table", "table": own_recordings.TABLE}, "protocol": "3-fold"}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return own_recordings.write(tmp_path_factory.mktemp("corpus command") / "my recordings", rate=8000)


def attune(*arguments: str, **environment: str):
    return CliRunner(env={"COLUMNS": "140"}).invoke(app, arguments)


def test_without_a_verb_it_is_the_step(root, tmp_path):
    done = attune("corpus", "--params", json.dumps(PARAMS), "--root", str(root), "--out", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    assert len(pd.read_parquet(tmp_path / "out/utterances.parquet")) == 72
    assert "twelve speakers corpus: 72 utterances, 12 speakers" in " ".join(done.output.split())


def test_the_step_still_needs_to_know_where_to_write(root):
    done = attune("corpus", "--params", json.dumps(PARAMS), "--root", str(root))
    assert done.exit_code == 2
    assert "Missing option '--out'" in done.output


def test_check_shows_counts_balance_on_the_own_scale_and_the_folds(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = attune("corpus", "check", "--params", json.dumps(PARAMS), "--root", str(root))
    assert done.exit_code == 0, done.output
    text = " ".join(done.output.split())
    assert "twelve speakers: 72 utterances, 12 speakers, 0 ratings; 72 accepted, 0 refused" in text
    assert "median 0.50" in text
    assert "1 to 7" in text
    assert "fold3" in text
    assert "24 of 4" in text
    assert list(tmp_path.iterdir()) == []


def test_check_counts_no_speakers_where_only_sessions_are_known(root):
    columns = {name: own for name, own in own_recordings.TABLE["columns"].items() if name != "speaker"}
    table = {**own_recordings.TABLE, "columns": {**columns, "session": "who"}}
    params = {**PARAMS, "corpus": {"kind": "table", "table": table}, "folds": ["fold1"]}
    done = attune("corpus", "check", "--params", json.dumps(params), "--root", str(root))
    text = " ".join(done.output.split())
    assert "72 utterances, speakers unknown" in text
    assert "Utterances, 3-fold" in text
    assert "24 of" not in text


def test_check_prints_the_folds_to_copy_where_params_name_others(root):
    params = {**PARAMS, "protocol": "leave-one-speaker-out", "folds": ["P01", "session1"]}
    done = attune("corpus", "check", "--params", json.dumps(params), "--root", str(root))
    assert "names the fold session1, which this corpus does not have" in " ".join(done.output.split())
    assert "folds: ['P01', 'P02', 'P03'," in done.output
    assert "'session1' is not a fold of this corpus" in str(done.exception)


def test_the_line_to_copy_is_read_as_the_folds_where_speakers_are_numbers(tmp_path):
    root = own_recordings.write(tmp_path / "mine", rate=8000)
    table = own_recordings.rows()
    table.assign(who=table["who"].str[1:]).to_csv(root / "labels.csv", index=False)
    params = {**PARAMS, "protocol": "leave-one-speaker-out", "folds": ["1"]}
    done = attune("corpus", "check", "--params", json.dumps(params), "--root", str(root))
    [line] = [line for line in done.output.splitlines() if line.startswith("folds:")]
    assert YAML(typ="safe").load(line) == {"folds": [name[1:] for name in own_recordings.SPEAKERS]}


@pytest.mark.parametrize(
    ("splits", "says"),
    [
        (["train"], "nothing in this corpus can be tested on"),
        (["train", "test"], "speaker P01 is in both the train and the test partition"),
    ],
)
def test_check_fails_where_the_partitions_would_stop_the_run(root, tmp_path, splits, says):
    copy = own_recordings.write(tmp_path / "copy", rate=8000)
    table = own_recordings.rows()
    table.assign(split=(splits * 36 + ["dev"] * 72)[:60] + ["dev"] * 12).to_csv(copy / "labels.csv", index=False)
    own = {**own_recordings.TABLE, "columns": {**own_recordings.TABLE["columns"], "partition": "split"}}
    params = {"corpus": {"kind": "table", "table": own}, "protocol": "given", "folds": ["test"]}
    done = attune("corpus", "check", "--params", json.dumps(params), "--root", str(copy))
    assert isinstance(done.exception, AttuneError)
    assert says in str(done.exception)


def test_check_warns_of_what_later_steps_would_refuse_or_could_not_measure(root, tmp_path):
    told = attune("corpus", "check", "--params", json.dumps(PARAMS), "--root", str(root))
    text = " ".join(told.output.split())
    assert "promote.minimum names valence and dominance, which this corpus does not have" in text
    assert "minimum: {arousal: {uar: 0.4}, tension: {uar: 0.4}, mood: {uar: 0.4}}" in text
    own = {"minimum": {"arousal": {"uar": 0.0}, "mood": {"ccc": 0.1}}}
    weights = {"task_weights": {"anger": 2.0}}
    params = {**PARAMS, "protocol": "leave-one-speaker-out", "folds": ["P01"], "promote": own, "train": weights}
    copy = own_recordings.write(tmp_path / "copy", rate=8000)
    table = own_recordings.rows()
    table.loc[table["who"] == "P01", "mood"] = "cross"
    table.to_csv(copy / "labels.csv", index=False)
    text = " ".join(attune("corpus", "check", "--params", json.dumps(params), "--root", str(copy)).output.split())
    assert "asks for a CCC of mood, which has categories" in text
    assert "the corpus has no task 'anger': `attune train` would refuse it" in text
    assert "no utterance of mood glad in the test partition of fold P01: its recall cannot be measured there" in text
    assert "the training partition" not in text


def test_check_of_the_default_corpus_warns_of_nothing(tmp_path):
    done = attune("corpus", "check", "--params", json.dumps({"corpus": {"synthetic": {"utterances_per_speaker": 12}}}))
    assert "warning" not in done.output


def test_check_names_what_is_refused_and_fails_where_the_run_would(root, tmp_path):
    copy = own_recordings.write(tmp_path / "copy", rate=8000)
    table = own_recordings.rows()
    table.loc[:9, "act"] = 9.0
    table.to_csv(copy / "labels.csv", index=False)
    done = attune("corpus", "check", "--params", json.dumps(PARAMS), "--root", str(copy))
    assert "quarantine 10 by arousal-range: The arousal rating is 1 to 7." in " ".join(done.output.split())
    assert isinstance(done.exception, AttuneError)
    assert "few-refused" in str(done.exception)


def test_check_makes_a_synthetic_corpus_and_keeps_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = {"corpus": {"synthetic": {"utterances_per_speaker": 4}}}
    done = attune("corpus", "check", "--params", json.dumps(small))
    assert done.exit_code == 0, done.output
    assert "synthetic: 40 utterances, 10 speakers" in done.output
    assert list(tmp_path.iterdir()) == []


def test_a_number_of_workers_that_is_none_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("ATTUNE_WORKERS", "many")
    done = attune("corpus", "--params", "{}", "--out", str(tmp_path / "out"))
    assert isinstance(done.exception, AttuneError)
    assert "ATTUNE_WORKERS: is 'many', not a number of processes from 1 to 256" in str(done.exception)


def test_a_project_in_which_dvc_would_fail_is_named_before_it_does(tmp_path, monkeypatch):
    monkeypatch.setenv("DVC_ROOT", os.fsdecode(b"/a/\xff project"))
    done = CliRunner().invoke(app, ["corpus", "version", "--params", "{}", "--out", str(tmp_path / "version.txt")])
    assert "\\xff project: DVC cannot run in a folder whose name is not UTF-8" in str(done.exception)
    assert not list(tmp_path.iterdir())
