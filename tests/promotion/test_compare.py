"""Comparing: paired differences against a literal bootstrap, refusals that say why, and what the command leaves."""

import numpy as np
import pandas as pd
import pytest
from promotion_samples import PARAMS, predictions, register
from sklearn.metrics import mean_absolute_error, recall_score

from attune.errors import AttuneError
from attune.params import Evaluate
from attune.promotion import compare
from attune.promotion.compare import Subject
from attune.tracking import client as mlflow_client

SETTINGS = Evaluate(resamples=200)


def subject(errors, seed=0, label="a"):
    return Subject(label, predictions(errors, seed).sort_values(["utterance", "task"], ignore_index=True))


def test_values_are_those_of_another_library():
    a, b = subject(0.2, 1), subject(0.4, 2, "b")
    row = compare.compare(a, b, SETTINGS).set_index(["task", "score"])
    mine, theirs = (one.rows[one.rows["task"] == "valence"] for one in (a, b))
    uar = [recall_score(own["actual"], own["predicted"], average="macro") for own in (mine, theirs)]
    mae = [mean_absolute_error(own["rating"], own["score"]) for own in (mine, theirs)]
    assert row.loc[("valence", "uar"), "difference"] == pytest.approx(uar[0] - uar[1])
    assert row.loc[("valence", "mae"), "difference"] == pytest.approx(mae[0] - mae[1])
    assert row.loc[("valence", "uar"), "n"] == len(mine)


def test_a_clear_difference_is_significant_and_its_interval_excludes_zero():
    table = compare.compare(subject(0.1, 1), subject(0.6, 2, "b"), SETTINGS)
    uar = table[table["score"] == "uar"]
    assert (uar["low"] > 0).all()
    assert (uar["holm"] < 0.05).all()
    assert (uar["holm"] >= uar["p"]).all()


def test_a_version_against_itself_does_not_differ_at_all():
    table = compare.compare(subject(0.3), subject(0.3, label="b"), SETTINGS)
    assert (table[["difference", "low", "high"]] == 0).all(axis=None)
    assert (table["holm"] == 1).all()


def test_swapping_the_two_turns_the_signs_round():
    a, b = subject(0.2, 1), subject(0.4, 2, "b")
    there, back = compare.compare(a, b, SETTINGS), compare.compare(b, a, SETTINGS)
    np.testing.assert_allclose(there["difference"], -back["difference"])
    np.testing.assert_allclose(there["low"], -back["high"], atol=1e-12)
    np.testing.assert_allclose(there["p"], back["p"])


def test_other_utterances_are_refused_by_name():
    a, b = subject(0.2), subject(0.2, label="b")
    fewer = Subject("b", b.rows[b.rows["utterance"] != "Ses01F_impro01_F000"])
    with pytest.raises(AttuneError, match="3 only in a, 0 only in b, such as Ses01F_impro01_F000"):
        compare.compare(a, fewer, SETTINGS)


def test_other_labels_are_refused_by_name():
    a, b = subject(0.2), subject(0.2, label="b")
    b.rows.loc[b.rows["utterance"] == "Ses01F_impro01_F000", "rating"] = 2.0
    with pytest.raises(AttuneError, match="labels of 1 utterances differ, such as Ses01F_impro01_F000"):
        compare.compare(a, b, SETTINGS)


def test_versions_aliases_and_runs_can_be_named(here):
    register(predictions(0.2, 1))
    register(predictions(0.3, 2))
    client = mlflow_client.connect()
    one = compare.subject(client, "1", "attune")
    assert one.label == "attune version 1"
    assert compare.subject(client, "candidate", "attune").label == "attune version 2"
    run_id = client.get_model_version("attune", "1").run_id
    with pytest.raises(AttuneError, match="is not a run of the whole graph"):
        compare.subject(client, run_id, "attune")
    client.log_param(run_id, "register.system", "mtl-att")
    pd.testing.assert_frame_equal(compare.subject(client, run_id, "attune").rows, one.rows)


@pytest.mark.parametrize(
    ("table", "tags", "said"),
    [
        (None, {}, r"version 1: its predictions are missing \(evaluation/predictions\.parquet of run"),
        (predictions(0.2), {"attune.predictions": None}, r"has no tag attune\.predictions"),
        (predictions(0.2), {"attune.system": "stl"}, "has no test predictions of stl"),
        (pd.concat([predictions(0.2)] * 2), {}, "has test predictions of mtl-att twice"),
    ],
)
def test_predictions_that_cannot_be_used_are_named(here, table, tags, said, monkeypatch):
    monkeypatch.setattr("promotion_samples.lineage", _bare_lineage)
    register(table, tags)
    with pytest.raises(AttuneError, match=said):
        compare.subject(mlflow_client.connect(), "1", "attune")


def _bare_lineage(run_id, table):
    return {"attune.predictions": f"runs:/{run_id}/evaluation/predictions.parquet", "attune.system": "mtl-att"}


def test_a_file_gone_from_where_artifacts_are_kept_is_missing(here):
    register(predictions(0.2))
    for path in here.glob("mlartifacts/**/predictions.parquet"):
        path.unlink()
    with pytest.raises(AttuneError, match="its predictions are missing"):
        compare.subject(mlflow_client.connect(), "1", "attune")


def test_a_run_that_is_not_there_is_told(here):
    with pytest.raises(AttuneError, match=r"mlflow\.db: there is no run 0{32}\n"):
        compare.subject(mlflow_client.connect(), "0" * 32, "attune")


def test_a_damaged_file_is_named_by_its_version_not_by_its_copy(here):
    register(predictions(0.2))
    for path in here.glob("mlartifacts/**/predictions.parquet"):
        path.write_bytes(b"PAR1")
    said = r"attune version 1: runs:/\w+/evaluation/predictions\.parquet: is damaged .*\n  Restore the artifacts"
    with pytest.raises(AttuneError, match=said):
        compare.subject(mlflow_client.connect(), "1", "attune")


def test_the_picture_is_the_same_twice(tmp_path):
    from attune.promotion import comparison_picture

    table = compare.compare(subject(0.1, 1), subject(0.4, 2, "b"), SETTINGS)
    for name in ("one.svg", "two.svg"):
        comparison_picture.draw(tmp_path / name, table, "a minus b", PARAMS.evaluate.confidence)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    assert "arousal" in (tmp_path / "one.svg").read_text()
