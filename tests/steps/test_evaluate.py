"""The evaluate step on hand-made predictions: what it writes, and what it refuses."""

import json
import shutil

import forged
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from made_predictions import make_run, make_validated
from sklearn.metrics import recall_score

from attune.artifacts.evaluation import CEILING, DEEPER, LEARNING, read_findings
from attune.cli import app
from attune.errors import AttuneError
from attune.params import Params
from attune.steps import evaluate
from attune.tasks import TASKS

pytestmark = pytest.mark.slow

FOLDS = ("session1", "session2")
SYSTEMS = ("mtl-att", "stl")
GROUPINGS = ["gender", "scenario", "duration", "raters", "speaker"]


def params(**changed):
    settings = {"folds": list(FOLDS), "systems": list(SYSTEMS), "evaluate": {"resamples": 100}} | changed
    return Params.model_validate(settings)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluate")
    utterances = make_validated(folder / "validated")
    for system in SYSTEMS:
        for fold in (*FOLDS, "session3"):
            make_run(folder / "predictions" / system / fold, utterances, system=system, fold=fold)
    return folder


@pytest.fixture
def copy(made, tmp_path):
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


def run(folder, settings=None, predictions=None, name="reports"):
    paths = predictions or [folder / "predictions"]
    out, metrics = folder / name / "evaluation", folder / name / "metrics.json"
    places = {"validated": folder / "validated", "features": folder / "features", "predictions": paths}
    evaluate.run(settings or params(), **places, metrics=metrics, out=out)
    return json.loads(metrics.read_text()), out


@pytest.fixture(scope="module")
def evaluated(made, tmp_path_factory):
    """Metrics and the folder beside them, for tests that only read."""
    return run(shutil.copytree(made, tmp_path_factory.mktemp("evaluated"), dirs_exist_ok=True))


def test_metrics_name_protocol_system_partition_task_and_score(evaluated):
    metrics, _ = evaluated
    assert list(metrics) == ["loso5"]
    assert set(metrics["loso5"]) == {*SYSTEMS, "chance", "majority"}
    for system, partitions in metrics["loso5"].items():
        assert set(partitions) == {"test", "development", "test@session1", "test@session2"}
        for partition, tasks in partitions.items():
            assert list(tasks) == list(TASKS)
            for scores in tasks.values():
                assert set(scores) == ({"uar"} if system == "chance" else {"uar", "ccc", "mae"})
                for score in scores.values():
                    assert list(score) == ["value", "low", "high", "n"]
                    assert score["low"] <= score["value"] <= score["high"]
                    assert score["n"] == (12 if "@" in partition else 24)


def test_the_pooled_score_is_that_of_the_utterances_of_all_chosen_folds(evaluated):
    metrics, out = evaluated
    rows = pd.read_parquet(out / "predictions.parquet")
    assert set(rows["fold"]) == set(FOLDS), "session3 lies there too but was not asked for"
    own = rows.query("system == 'stl' and task == 'valence' and partition == 'test'")
    expected = recall_score(own["actual"], own["predicted"], average="macro")
    assert metrics["loso5"]["stl"]["test"]["valence"]["uar"]["value"] == pytest.approx(expected, abs=1e-6)


def test_predictions_are_written_beside_the_truth(made, evaluated):
    _, out = evaluated
    rows = pd.read_parquet(out / "predictions.parquet")
    truth = pd.read_parquet(made / "validated" / "utterances.parquet").set_index("utterance")
    for row in rows.sample(20, random_state=1).itertuples():
        assert row.rating == truth.loc[row.utterance, row.task]
        assert row.actual == (0 if row.rating <= 2 else 2 if row.rating >= 4 else 1)
        assert (row.speaker, row.scenario) == tuple(truth.loc[row.utterance, ["speaker", "scenario"]])


def test_tables_for_people_and_plots_are_written(evaluated):
    metrics, out = evaluated
    scores = pd.read_csv(out / "scores.csv")
    one = scores.query("system == 'stl' and partition == 'test' and task == 'arousal' and score == 'mae'")
    assert one["value"].item() == metrics["loso5"]["stl"]["test"]["arousal"]["mae"]["value"]
    assert set(scores["score"]) == {"uar", "ccc", "mae", "bias", "accuracy", "macro_f1"}
    assert len(pd.read_csv(out / "published.csv")) == 36
    assert pd.read_csv(out / "groups.csv")["grouping"].unique().tolist() == GROUPINGS
    counts = json.loads((out / "confusion.json").read_text())
    assert np.sum(counts["mtl-att"]["dominance"]) == 24
    pairs = pd.read_csv(out / "confusion" / "mtl-att-dominance.csv")
    high_as_low = ((pairs["actual"] == "high") & (pairs["predicted"] == "low")).sum()
    assert high_as_low == counts["mtl-att"]["dominance"][2][0]


def test_scores_in_depth_are_written_and_told(evaluated):
    _, out = evaluated
    assert LEARNING.read(out).empty, "no system here trains in seconds"
    counts = json.loads((out / "confusion.json").read_text())["mtl-att"]
    whole = {task for task in TASKS if all(map(sum, counts[task]))}
    assert whole == {"arousal", "valence"}, "no dominance here is low"
    for file in (file for file in DEEPER if file is not LEARNING):
        table = file.read(out)
        assert set(table["task"]) == (whole if file.file == "ceiling.csv" else set(TASKS)), file.file
        assert set(table["system"]) == (set(SYSTEMS[:1]) if file.file == "ceiling.csv" else set(SYSTEMS))
    assert CEILING.read(out).groupby("task")["raters"].unique().to_dict() == {"arousal": [4.0], "valence": [5.0]}
    told = {(one.system, one.kind) for one in read_findings(out)}
    kinds = ("calibration", "ceiling", "sessions-uar", "sessions-ccc", "speaker-worst", "speaker-best", "regression")
    assert told == {(system, kind) for system in SYSTEMS for kind in kinds}


def test_running_twice_writes_the_same_bytes(copy):
    (_, first), (_, second) = run(copy), run(copy, name="again")
    files = sorted(path.relative_to(first.parent) for path in first.parent.rglob("*") if path.is_file())
    assert len(files) == 25
    for file in files:
        assert (first.parent / file).read_bytes() == (second.parent / file).read_bytes(), file


def test_folders_may_be_named_one_by_one_and_twice(copy):
    separate = [copy / "predictions" / system / fold for system in SYSTEMS for fold in FOLDS]
    together, apart = run(copy)[0], run(copy, predictions=[*separate, separate[0]], name="apart")[0]
    assert together == apart


def test_the_command_prints_every_system_beside_the_published_ones(copy):
    arguments = ["evaluate", "--validated", "validated", "--predictions", "predictions"]
    arguments += [
        "--metrics",
        "metrics.json",
        "--out",
        "evaluation",
        "--params",
        json.dumps(params().model_dump(by_alias=True)),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(copy)
        printed = CliRunner().invoke(app, arguments, catch_exceptions=False).output
    assert "…" not in printed, "nothing is cut off"
    for text in ("loso5", "24 utterances", "chance", "majority", "published,", "IEMOCAP", "33.3", "48.5", "CCC"):
        assert text in printed
    assert max(map(len, printed.splitlines())) <= 80


def refused(folder, match, **changed):
    with pytest.raises(AttuneError, match=match):
        run(folder, **changed)
    assert not list((folder / "reports").rglob("*")), "nothing is written where something is refused"


def test_a_missing_run_is_named(copy):
    shutil.rmtree(copy / "predictions" / "stl" / "session2")
    refused(copy, "no predictions of stl on session2")


def test_a_run_found_twice_is_named(copy):
    shutil.copytree(copy / "predictions" / "stl" / "session2", copy / "predictions" / "copy")
    refused(copy, "stl on session2 were found twice")


def test_a_half_written_folder_is_not_taken_for_a_run(copy):
    shutil.copytree(copy / "predictions" / "stl" / "session2", copy / "predictions" / "stl" / ".session2.abc")
    run(copy)


def test_what_was_left_behind_of_a_fold_no_longer_named_may_be_of_an_older_format(copy):
    (copy / "predictions/stl/session3/SHA256SUMS").unlink()
    run(copy)


def test_a_fold_of_another_protocol_is_refused(copy):
    path = copy / "predictions" / "stl" / "session1" / "provenance.json"
    forged.text(path, path.read_text().replace("loso5", "paper-by-counts"))
    refused(copy, "under the protocol paper-by-counts, not loso5")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda t: t[t["utterance"] != t["utterance"].iloc[-1]], "lacks utterances for arousal in the test"),
        (lambda t: t[(t["task"] != "valence") | (t["partition"] == "test")], "lacks utterances for valence"),
        (lambda t: t.assign(utterance=t["utterance"].str.replace("F000", "F999")), "lacks utterances for arousal"),
        (lambda t: pd.concat([t, t.head(1)]), "occurs twice"),
        (lambda t: t.assign(score=np.nan), "is not a number"),
        (lambda t: t.assign(predicted=np.int8(3)), "not one of 0 to 2"),
        (lambda t: t.assign(predicted=1.0), "has double in the column 'predicted', not int8"),
        (lambda t: t.assign(fold="session2"), "predictions of stl on session2"),
        (lambda t: t.assign(task="anger"), "no such task"),
        (lambda t: t.drop(columns="low"), "no column 'low'"),
    ],
)
def test_predictions_that_are_not_exactly_the_folds_are_refused(copy, change, match):
    forged.table(copy / "predictions" / "stl" / "session1" / "predictions.parquet", change)
    refused(copy, match)


def test_an_utterance_that_belongs_elsewhere_is_refused(copy):
    path = copy / "predictions" / "stl" / "session1" / "predictions.parquet"
    forged.table(path, lambda t: pd.concat([t, t.head(3).assign(utterance="Ses05F_impro01_F000")]))
    refused(copy, "has unknown utterances for arousal in the development partition: Ses05F_impro01_F000")


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"system": "stl"}'])
def test_a_broken_provenance_is_refused(copy, text):
    forged.text(copy / "predictions" / "stl" / "session1" / "provenance.json", text)
    refused(copy, r"provenance\.json: cannot be read")


def test_a_provenance_without_the_majority_class_is_refused(copy):
    path = copy / "predictions" / "mtl-att" / "session1" / "provenance.json"
    whole = path.read_text()
    forged.text(path, whole.replace("majority_class", "major"))
    refused(copy, "majority_class")
    forged.text(path, json.dumps(json.loads(whole) | {"majority_class": dict.fromkeys(TASKS, -1)}))
    refused(copy, r"provenance\.json: cannot be read")


def test_files_that_are_missing_or_no_tables_are_refused(copy):
    run_folder = copy / "predictions" / "stl" / "session1"
    forged.text(run_folder / "predictions.parquet", "not parquet")
    refused(copy, "cannot be read")
    (run_folder / "provenance.json").unlink()
    refused(copy, r"provenance\.json: no such file")
    refused(copy, "no such folder", predictions=[copy / "nowhere"])
    refused(copy, "has no predictions", predictions=[copy / "validated"])
