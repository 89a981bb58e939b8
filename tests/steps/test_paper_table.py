"""A small version of `make paper-table`: every row, fold and seed, kept when done, in three forms."""

import json
import re
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

import made_predictions
import numpy as np
import pandas as pd
import pytest
import toy_partitions
from scipy.spatial.distance import jensenshannon
from sklearn.metrics import recall_score

from attune.artifacts.utterances import read_accepted
from attune.errors import AttuneError
from attune.params import Params
from attune.steps.published import cells, paper_table
from attune.steps.published.remaining import Remaining
from attune.tasks import PAPER

pytestmark = pytest.mark.slow

PARAMS = Params.model_validate(
    {
        "folds": ["session1"],
        "paper_table": {"systems": ["stl", "mtl-att"], "seeds": [1, 2]},
        "train": {"epochs": 1, "batch_size": 6},
        "compute": {"device": "cpu", "threads": 1},
        "evaluate": {"resamples": 100},
    }
)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    toy_partitions.write(folder)
    return folder


def run(data, out, params=PARAMS):
    places = {"validated": data / "validated", "store": data / "store"}
    paper_table.run(params, **places, work=out / "work", out=out / "table")


@pytest.fixture(scope="module")
def made(data, tmp_path_factory):
    out = tmp_path_factory.mktemp("made")
    run(data, out)
    return out


def test_every_system_task_partition_and_score_has_a_value_with_an_interval(made):
    found = json.loads((made / "table/table.json").read_text())
    assert (found["folds"], found["seeds"], found["baseline"]) == (["session1"], [1, 2], "stl")
    assert len(found["scores"]) == 2 * 3 * 2 * 2
    for entry in found["scores"]:
        assert entry["seeds"] == 2
        assert entry["low"] <= entry["value"] + 1e-9
        assert (entry["p_holm"] is None) == (entry["system"] == "stl")


def test_a_value_is_that_of_the_predictions_that_are_kept(data, made):
    ratings = read_accepted(data / "validated", "utterance").set_index("utterance")
    each = []
    for seed in (1, 2):
        files = sorted((made / "work/mtl-att").glob(f"*/*/seed-{seed}/predictions/predictions.parquet"))
        assert len(files) == 1
        own = pd.concat(map(pd.read_parquet, files)).query("partition == 'test' and task == 'valence'")
        actual = PAPER[1].to_class(ratings.loc[own["utterance"], "valence"])
        each.append(recall_score(actual, own["predicted"], average="macro"))
    key = {"system": "mtl-att", "task": "valence", "partition": "test", "score": "uar"}
    scores = json.loads((made / "table/table.json").read_text())["scores"]
    (entry,) = [one for one in scores if key.items() <= one.items()]
    assert entry["value"] == pytest.approx(sum(each) / 2, abs=1e-6)


def test_tasks_are_compared_with_seeds_for_the_system_that_has_attention(made):
    found = json.loads((made / "table/table.json").read_text())["attention"]
    assert [(one["system"], one["task"]) for one in found["apart"]] == [
        ("mtl-att", task) for task in (None, "arousal", "valence", "dominance")
    ]
    everything, *each = found["apart"]
    assert everything["tasks"]["value"] == pytest.approx(sum(one["tasks"]["value"] for one in each) / 3, abs=1e-6)
    assert everything["seeds"]["value"] == pytest.approx(_between_seeds(made), abs=1e-6)
    assert (everything["trained"], everything["folds"], everything["over"]["p"]) == (2, 1, None)
    (finding,) = found["findings"]
    for name in ("table.md", "index.html"):
        assert f"mtl-att: {finding['sentence']}" in (made / "table" / name).read_text()


def _between_seeds(made):
    files = [sorted((made / "work/mtl-att").glob(f"*/*/seed-{s}/predictions/attention.parquet"))[0] for s in (1, 2)]
    one, other = (pd.read_parquet(f).query("partition == 'test'").set_index(["utterance", "task"]) for f in files)
    return np.mean([jensenshannon(w, other.loc[key, "weights"], base=2) ** 2 for key, w in one["weights"].items()])


@pytest.mark.parametrize("name", ["table.md", "index.html"])
def test_the_page_and_the_markdown_have_scores_differences_the_papers_test_and_its_figures(made, name):
    text = (made / "table" / name).read_text()
    for part in (
        "minus that of stl",
        "p (Holm)",
        "p of the paper",
        "66.2 / 63.8 *",
        "batch size",
        "Valence: UAR in %, CCC",
    ):
        assert part in text


def test_what_is_done_is_not_done_again(data, made, monkeypatch, capsys):
    before = (made / "table/table.json").read_bytes()
    monkeypatch.setattr(cells, "Pool", None)  # which nothing asks for
    run(data, made)
    assert "4 of 4 training runs done" in capsys.readouterr().err
    assert (made / "table/table.json").read_bytes() == before


def test_with_another_parameter_nothing_is_done_yet(data, made):
    places = {"validated": data / "validated", "store": data / "store"}
    other = PARAMS.model_copy(update={"train": PARAMS.train.model_copy(update={"dropout": 0.2})})
    same, changed = (paper_table._cells(params, made / "work", places) for params in (PARAMS, other))
    assert all(cell.predictions.exists() for cell in same)
    assert not any(cell.predictions.exists() for cell in changed)


def test_a_training_run_that_fails_is_named_with_what_to_do(data, made, tmp_path):
    update = {"learning_rate": 1e30, "warm_up": 0.0, "gradient_clip": 0.0}
    wrong = PARAMS.model_copy(update={"train": PARAMS.train.model_copy(update=update)})
    cell = cells.Cell("mtl-att", "session1", 1, tmp_path)
    places = {"validated": data / "validated", "store": data / "store", "features": made / "work/features"}
    ended = Future()
    ended.set_result(cells._run(wrong, cell, places))
    with pytest.raises(AttuneError, match=r"mtl-att, session1, seed 1: train\.learning_rate: the loss of joint is no"):
        cells._result(ended, cell)
    assert not cell.predictions.exists()


def test_a_process_that_was_killed_is_named_with_its_log(tmp_path):
    cell = cells.Cell("mtl-att", "session1", 1, tmp_path)
    ended = Future()
    ended.set_exception(BrokenProcessPool("terminated abruptly"))
    with pytest.raises(AttuneError, match=r"mtl-att, session1, seed 1: ended without a result(.|\n)*log\.txt"):
        cells._result(ended, cell)


@pytest.mark.parametrize(
    ("fold", "left", "says"),
    [
        ("session2", None, "has predictions of stl on session2"),
        ("session1", 100, r"predictions\.parquet: "),
    ],
)
def test_kept_predictions_that_cannot_be_used_are_named_with_what_renews_them(tmp_path, fold, left, says):
    utterances = made_predictions.make_validated(tmp_path / "validated")
    cell = cells.Cell("stl", "session1", 1, tmp_path / "kept")
    made_predictions.make_run(cell.predictions, utterances, system="stl", fold=fold)
    path = cell.predictions / "predictions.parquet"
    path.write_bytes(path.read_bytes()[:left])
    renewed = rf"{says}(.|\n)*Delete {re.escape(str(cell.predictions))}: the same command trains that run again"
    with pytest.raises(AttuneError, match=renewed), paper_table._renewable([cell]):
        paper_table._rows(PARAMS, [cell], tmp_path / "validated")


def test_the_estimate_reckons_with_what_each_system_took():
    remaining = Remaining(["stl", "stl", "mtl", "mtl"], at_once=2)
    remaining.took("stl", 300.0)
    assert remaining.seconds == pytest.approx((300 + 300 + 300) / 2)
    remaining.took("mtl", 100.0)
    assert str(remaining) == "about 3 min left"


def test_a_support_vector_machine_is_trained_once_whatever_the_seeds(data, made, tmp_path):
    both = PARAMS.model_copy(
        update={"paper_table": PARAMS.paper_table.model_copy(update={"systems": ["stl", "egemaps-svm"]})}
    )
    (tmp_path / "features/stl").mkdir(parents=True)
    for name in ("stl", "egemaps-svm"):
        paper_table.packed.write_about(_made(tmp_path / "features" / name), paper_table.features_step._NOTHING)
    places = {"validated": data / "validated", "store": data / "store"}
    wanted = [(cell.system, cell.seed) for cell in paper_table._cells(both, tmp_path, places)]
    assert wanted.count(("egemaps-svm", 1)) == 1
    assert ("egemaps-svm", 2) not in wanted
    assert wanted.count(("stl", 2)) == 1


def _made(folder):
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize("section", [{"systems": ["stl", "stl"]}, {"seeds": [1, 1]}])
def test_naming_a_row_or_a_seed_twice_is_refused(section):
    with pytest.raises(ValueError, match="named twice"):
        Params.model_validate({"paper_table": section})
