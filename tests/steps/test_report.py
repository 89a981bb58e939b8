"""`attune report`: what it refuses, and that it leaves nothing half-written."""

import json
import shutil

import forged
import pandas as pd
import pytest
from report.report_artifacts import Recipe, build, params, paths

from attune.artifacts import models
from attune.errors import AttuneError
from attune.steps import report

pytestmark = pytest.mark.slow

RECIPE = Recipe(folds=("session1",), systems=("mtl-att",))


@pytest.fixture
def folder(tmp_path):
    return build(tmp_path, RECIPE)


def refused(folder, recipe=RECIPE):
    """The message of a refusal, after a look at what was left behind."""
    with pytest.raises(AttuneError) as error:
        report.run(params(recipe), **paths(folder))
    assert not (folder / "reports/index.html").exists()
    assert not list((folder / "reports").glob(".index*"))
    return str(error.value)


@pytest.mark.parametrize(
    "name",
    [
        "data/validated/utterances.parquet",
        "data/validated/validation.json",
        "data/validated/quarantine.csv",
        "data/store/index.parquet",
        "models/mtl-att/session1/history.csv",
        "predictions/mtl-att/session1/attention.parquet",
        "reports/metrics.json",
        "reports/evaluation/predictions.parquet",
        "reports/evaluation/confusion.json",
        "reports/attention/attention.json",
    ],
)
def test_a_missing_or_damaged_input_is_named(folder, name):
    file = folder / name
    whole = file.read_bytes()
    file.unlink()
    assert name in refused(folder)
    file.write_bytes(b"" if name.endswith(".csv") else whole[: len(whole) // 2])
    assert name in refused(folder)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("data/corpus/cues.parquet", lambda t: t.assign(start=float("nan"))),
        ("data/validated/utterances.parquet", lambda t: pd.concat([t, t])),
        ("predictions/mtl-att/session1/attention.parquet", lambda t: t.assign(weights=[w[:-1] for w in t["weights"]])),
        ("predictions/mtl-att/session1/attention.parquet", lambda t: t.assign(weights=[w * 0 for w in t["weights"]])),
        ("models/mtl-att/session1/history.csv", lambda t: t.drop(columns="development_uar_valence")),
        ("models/mtl-att/session1/history.csv", lambda t: t.assign(train_loss="little")),
        ("reports/evaluation/groups.csv", lambda t: t.assign(value="much")),
    ],
)
def test_what_no_step_would_write_is_named_though_its_digest_is_right(folder, name, change):
    forged.table(folder / name, change)
    said = refused(folder)
    assert name in said
    assert "again" in said


def test_a_system_or_fold_that_was_not_run_is_named(folder):
    assert "stl" in refused(folder, Recipe(folds=("session1",), systems=("mtl-att", "stl")))
    assert "session2" in refused(folder, Recipe(folds=("session1", "session2"), systems=("mtl-att",)))


def test_a_missing_model_is_named(folder):
    shutil.rmtree(folder / "models/mtl-att")
    assert "no model of mtl-att for fold session1" in refused(folder)


def test_a_copy_with_other_weights_beside_a_model_is_never_shown(folder):
    _model(folder / "models/mtl-att/session1.bak", parameters=7)
    report.run(params(RECIPE), **paths(folder))
    assert "1 990 409" in (folder / "reports/index.html").read_text(encoding="utf-8").replace("\u202f", " ")


def test_weights_that_did_not_make_the_predictions_are_refused_by_name(folder):
    shutil.rmtree(folder / "models/mtl-att/session1")
    _model(folder / "models/mtl-att/session1", parameters=7)
    assert "models/mtl-att/session1: the predictions of mtl-att on session1 came from other weights" in refused(folder)


def test_what_was_left_behind_of_a_system_no_longer_named_may_be_of_an_older_format(folder):
    (left := folder / "models/stl/session1").mkdir(parents=True)
    (left / "model.json").write_text('{"system": "stl"}')
    report.run(params(RECIPE), **paths(folder))


def _model(folder, parameters):
    folder.mkdir()
    about = {"protocol": "loso5", "system": "mtl-att", "fold": "session1", "seed": 1, "parameters": parameters}
    about["architecture"] = {}
    models.write(folder, about, b"other weights")


def test_scores_of_another_protocol_are_refused(folder):
    metrics = folder / "reports/metrics.json"
    forged.metrics(metrics, json.dumps({"lospko10": json.loads(metrics.read_text())["loso5"]}))
    assert "reports/metrics.json: has the scores of lospko10, not of loso5" in refused(folder)


@pytest.mark.parametrize("entry", [{"value": None}, {"value": "high"}, {"value": 0.5, "low": 0.4}])
def test_a_score_that_is_no_number_or_has_half_an_interval_is_refused(folder, entry):
    metrics = folder / "reports/metrics.json"
    values = json.loads(metrics.read_text())
    values["loso5"]["mtl-att"]["test"]["arousal"]["uar"] = entry
    forged.metrics(metrics, json.dumps(values))
    assert "metrics.json: cannot be read" in refused(folder)


def test_an_old_page_stays_when_a_new_one_fails(folder):
    report.run(params(RECIPE), **paths(folder))
    page = (folder / "reports/index.html").read_bytes()
    (folder / "reports/metrics.json").unlink()
    with pytest.raises(AttuneError):
        report.run(params(RECIPE), **paths(folder))
    assert (folder / "reports/index.html").read_bytes() == page


def test_models_and_predictions_may_lie_apart(folder):
    given = paths(folder)
    (folder / "elsewhere").mkdir()
    for kind in ("models", "predictions"):
        shutil.move(folder / kind / "mtl-att/session1", folder / "elsewhere" / kind)
        given[kind] = (folder / "elsewhere" / kind,)
    report.run(params(RECIPE), **given)
    assert (folder / "reports/index.html").exists()


def test_fewer_utterances_than_examples_are_all_shown(folder, capsys):
    report.run(params(RECIPE, examples=50), **paths(folder))
    tested = pd.read_parquet(folder / "reports/evaluation/predictions.parquet")["utterance"].nunique()
    assert f"{tested} utterances to look at and listen to" in " ".join(capsys.readouterr().out.split())


def test_the_page_of_a_real_small_run_opens_with_its_scores(small_run):
    text = (small_run / "reports/index.html").read_text(encoding="utf-8")
    uar = json.loads((small_run / "reports/metrics.json").read_text())["loso5"]["mtl-att"]["test"]["arousal"]["uar"]
    assert f"{100 * uar['value']:.1f}" in text
    assert text.count('"sound":"data:audio/flac;base64,') == 3
    assert "Synthetic speech." in text


def test_every_epoch_of_every_training_run_is_in_the_curves(small_run):
    curves = pd.read_csv(small_run / "reports/curves.csv")
    assert not curves.duplicated(["training", "epoch"]).any()
    for history in (small_run / "models").glob("*/*/history.csv"):
        system, fold = history.parts[-3:-1]
        own = curves[curves["training"].str.match(f"{system} {fold}( |$)")]
        recorded = pd.read_csv(history)
        for column in ("epoch", "train_loss", "development_uar"):
            assert sorted(own[column]) == sorted(recorded[column]), history
