"""`attune import` on what the small run left: a version that is compared, promoted and scored with like one's own."""

import json

import pandas as pd
import pytest
import tiny_published
from small import SMALL
from small_project import shell

from attune.tasks import PAPER, TASKS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def imported(small_project):
    """A project with a version of its own, into which a published model was imported, and what that printed."""
    tiny_published.write(small_project / "published model")
    return small_project, shell(small_project, "attune import 'published model' 2>&1")


def predictions(project):
    table = pd.concat([pd.read_parquet(path) for path in project.glob("imported/predictions/imported/*/pred*.parquet")])
    return table[table["partition"] == "test"]


def test_it_is_tested_on_ones_own_folds_and_becomes_the_next_version(imported):
    project, said = imported
    assert "Registered attune version 2 (alias candidate): imported" in said
    assert set(predictions(project)["fold"]) == set(SMALL["folds"])
    metrics = json.loads((project / "imported/reports/metrics.json").read_text())
    assert TASKS[0] in json.dumps(metrics)


def test_the_predicted_class_is_that_of_the_predicted_rating(imported):
    table = predictions(imported[0])
    for task in PAPER:
        own = table[table["task"] == task.name]
        assert (task.to_class(own["score"]) == own["predicted"]).all()


def test_the_weights_are_on_disk_and_in_the_version_once(imported):
    project, _ = imported
    weights = list(project.glob("imported/models/imported/*/model.safetensors"))
    assert len(weights) == len(SMALL["folds"])
    assert len({path.stat().st_ino for path in weights}) == 1
    versions = {path.parents[1] for path in project.glob("mlartifacts/**/folds/*/model.json")}
    assert sorted(len(list(folds.glob("*/model.json"))) for folds in versions) == [1, len(SMALL["folds"])]


def test_it_is_compared_with_ones_own_version(imported):
    assert "arousal" in shell(imported[0], "attune compare 1 2")


def test_it_is_judged_by_the_policy_like_ones_own(imported):
    said = shell(imported[0], "attune promote 2 --dry-run 2>&1 || true")
    for check in ("lineage", "UAR of valence", "size", "latency"):
        assert check in said


def test_it_scores_a_recording(imported):
    project, _ = imported
    shell(project, "attune score --model 2 --out scores.csv $(find data/corpus -name '*.wav' | head -1)")
    row = pd.read_csv(project / "scores.csv").iloc[0]
    assert row["model"] == "attune/2"
    assert row[list(TASKS)].between(1, 5).all()


def test_its_requirements_name_transformers(imported):
    texts = [path.read_text() for path in imported[0].glob("mlartifacts/**/requirements.txt")]
    assert sorted("transformers==" in text for text in texts) == [False, True]
