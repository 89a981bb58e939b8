import json

import pytest

from attune.errors import AttuneError
from attune.params import Params
from pipelines import arguments, checks
from pipelines.data import Data

SYNTHETIC = Data("data/raw", "")
REAL = Params.model_validate({"corpus": {"kind": "iemocap"}})


def test_changes_are_nested_and_their_values_are_yaml():
    given = ["train.epochs=3", "train.learning_rate=3e-4", "folds=[session1, session2]", "protocol=loso5", "a.b.c=''"]
    assert arguments.changes(given) == {
        "train": {"epochs": 3, "learning_rate": 3e-4},
        "folds": ["session1", "session2"],
        "protocol": "loso5",
        "a": {"b": {"c": ""}},
    }


@pytest.mark.parametrize("given", ["train.epochs", "=3", "train..epochs=3", ".=3"])
def test_what_is_no_assignment_is_one_message(given):
    with pytest.raises(AttuneError, match="is not KEY=VALUE"):
        arguments.changes([given])


def test_a_value_that_is_no_yaml_is_one_message():
    with pytest.raises(AttuneError, match="its value is not YAML"):
        arguments.changes(["folds=[session1"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("train.epoch=3", "unknown parameter 'train.epoch'"),
        ("train.epochs=three", "train.epochs: .*integer"),
        ("folds=[session9]", "'session9' is not a fold of loso5; its folds are session1"),
        ("systems=[svm]", "systems"),
        ("train=3", "train"),
    ],
)
def test_a_change_that_params_would_refuse_is_refused(tmp_path, change, message):
    (tmp_path / "params.yaml").write_text("train: {epochs: 12}\n")
    with pytest.raises(AttuneError, match=message):
        arguments.changed_params(tmp_path / "params.yaml", arguments.changes([change]))


def test_a_change_leaves_the_rest_alone(tmp_path):
    (tmp_path / "params.yaml").write_text("train: {epochs: 12, patience: 2}\n")
    params = arguments.changed_params(tmp_path / "params.yaml", {"train": {"epochs": 3}})
    assert (params.train.epochs, params.train.patience) == (3, 2)


def test_the_loop_runs_over_every_fold_of_every_system():
    params = Params.model_validate({"folds": ["session1", "session4"], "systems": ["stl", "mtl-att"]})
    cells = arguments.for_training(params, SYNTHETIC, {})["cells"]
    assert [(cell["system"], cell["fold"]) for cell in cells] == [
        *[("stl", "session1"), ("stl", "session4")],
        *[("mtl-att", "session1"), ("mtl-att", "session4")],
    ]


def test_every_section_is_an_argument_as_json(tmp_path):
    given = arguments.for_training(Params(), SYNTHETIC, {"gate": {}})
    assert given["gate"] == {}
    assert json.loads(json.dumps(given))["train"] == Params().train.model_dump(mode="json")


def test_the_gate_asks_for_better_than_chance_unless_told_otherwise():
    assert arguments.for_training(Params(), SYNTHETIC, {})["gate"] == {
        task: {"uar": pytest.approx(1 / 3, abs=1e-3)} for task in ("arousal", "valence", "dominance")
    }
    assert arguments.gate(Params()) == {task: {"uar": 0.334} for task in ("arousal", "valence", "dominance")}


def test_a_real_corpus_is_what_the_run_finds_unless_a_version_is_given():
    assert arguments.for_training(REAL, Data("/data/IEMOCAP", ""), {})["data_version"] == ""
    assert arguments.for_training(REAL, Data("/data/IEMOCAP", "v1"), {})["data_version"] == "v1"


def test_more_cells_than_fit_into_one_workflow_are_refused():
    cells = [{"system": "mtl-att", "fold": str(number)} for number in range(checks.MOST_CELLS + 1)]
    with pytest.raises(AttuneError, match="181 cells are too many: at most 180"):
        arguments.for_training(Params(), SYNTHETIC, {"cells": cells})
    checks.count(cells[1:])


def test_twenty_five_systems_by_five_folds_are_one_run():
    checks.count([{"system": str(system), "fold": str(fold)} for system in range(25) for fold in range(5)])


def test_a_section_among_the_arguments_changes_what_it_names_and_what_follows_from_it():
    given = {"systems": ["mtl-att", "egemaps-svm"], "folds": ["session2"], "train": {"epochs": 3}}
    sent = arguments.for_training(Params(), SYNTHETIC, given)
    assert sent["cells"] == [{"system": name, "fold": "session2"} for name in given["systems"]]
    assert sent["featured"] == ["egemaps-svm"]
    assert sent["train"] == Params().train.model_dump(mode="json") | {"epochs": 3}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"systems": ["nope"]}, "systems"),
        ({"folds": []}, "folds"),
        ({"protocol": "loso9"}, "protocol"),
        ({"train": {"epochs": "many"}}, r"train\.epochs"),
        ({"corpus": 3}, "corpus"),
        ({"cells": []}, "there is none of mtl-att session1"),
        ({"cells": [{"system": "mtl-att"}]}, "is not a system and a fold"),
        ({"cells": ["mtl-att"]}, "is not a system and a fold"),
        ({"systems": ["mtl-att", "egemaps-svm"], "featured": ["mtl"]}, "featured: lacks egemaps-svm"),
        ({"gate": "x"}, "gate: 'x' is not a mapping"),
        ({"gate": {"joy": {}}}, "gate: 'joy' is not a task"),
        ({"gate": {"arousal": {"uar": "much"}}}, "gate: arousal.uar: a minimum must be a number"),
        ({"train_cpu": "lots"}, "train_cpu: 'lots' is no amount"),
        ({"train_memory": "-1"}, "train_memory: '-1' is no amount"),
        ({"train_gpus": "-1"}, "train_gpus: '-1' is not a number of GPUs"),
        ({"root": ["a"]}, "is not text"),
    ],
    ids=str,
)
def test_an_argument_that_no_step_could_use_is_refused_before_anything_is_submitted(given, message):
    with pytest.raises(AttuneError, match=message):
        arguments.for_training(Params(), SYNTHETIC, given)


def test_what_is_to_be_scored_is_text():
    with pytest.raises(AttuneError, match=r"audio: .* is not text"):
        arguments.for_scoring({"audio": ["a"]})


def test_what_is_gathered_of_the_most_cells_fits_into_one_argument():
    """An artifact as the launcher names it: type, uri below the run, metadata."""
    uri = "minio://mlpipeline/v2/artifacts/attune-training/ee3b933c-ffab-47c3-918c-8b67d00f59cb/predict/" + "0" * 48
    one = {"name": "0" * 20, "type": {"schemaTitle": "system.Dataset", "schemaVersion": "0.0.1"}, "uri": uri}
    one["metadata"] = {"display_name": "predictions", "store_session_info": "x" * 190}
    assert 500 < len(json.dumps(one)) < 530
    assert len(json.dumps({"artifacts": [one] * checks.MOST_CELLS})) < 131_071


def test_an_argument_the_pipeline_does_not_have_is_refused():
    with pytest.raises(AttuneError, match="no argument 'gat'"):
        arguments.for_training(Params(), SYNTHETIC, {"gat": {}})
    with pytest.raises(AttuneError, match="no argument 'gate'"):
        arguments.for_scoring({"gate": {}})


def test_scoring_needs_audio():
    with pytest.raises(AttuneError, match="which audio"):
        arguments.for_scoring({"table": "s3://bucket/x"})
    assert arguments.for_scoring({"audio": "/data/calls", "model": 3, "table": None})["model"] == "3"
    assert arguments.for_scoring({"audio": "/data/calls"}) == {"audio": "/data/calls", "table": "", "model": "champion"}


def test_a_size_may_be_a_number_though_kubeflow_takes_text():
    given = {"train_cpu": 2, "train_gpus": 1, "train_memory": "32Gi", "data_version": None, "gate": {}}
    sent = arguments.for_training(Params(), Data("data/raw", ""), given, resizable=True)
    assert {name: sent[name] for name in given} == {
        **{"train_cpu": "2", "train_gpus": "1", "train_memory": "32Gi", "data_version": "", "gate": {}}
    }


def test_cells_that_are_no_list_are_one_message():
    with pytest.raises(AttuneError, match="3 is not a list"):
        arguments.for_training(Params(), Data("data/raw", ""), {"cells": 3}, resizable=True)


def test_a_change_leaves_defaults_that_follow_from_others_alone():
    params = arguments.changed_params('{"systems": ["stl"]}', {"train": {"epochs": 3}})
    assert (params.systems, params.train.epochs) == (["stl"], 3)
    assert arguments.with_sections(params, {"systems": ["mtl"]}).systems == ["mtl"]
