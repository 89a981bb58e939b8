"""What the interface shows."""

import re

import pandas as pd

from attune.artifacts import metrics, registered
from attune.artifacts.evaluation import write_confusions, writing_tested
from attune.artifacts.registered import Registered
from attune.kubeflow import views
from attune.tasks import Task

AROUSAL = [[3, 1, 0], [2, 5, 1], [0, 1, 4]]
COUNTS = {"mtl-att": {"arousal": AROUSAL, "valence": [[1, 0, 0]] * 3, "emotion": [[2, 0, 1]] * 3}}
SCORES = {"uar": {"value": 0.51, "low": 0.4, "high": 0.6, "n": 9}, "ccc": {"value": 0.2}, "f1": {"value": 0.3}}


def evaluated(folder):
    out = folder / "out"
    out.mkdir()
    write_confusions(out, COUNTS)
    partitions = {"test": dict.fromkeys(("arousal", "valence", "emotion"), SCORES), "test@session1": {}}
    chance = {"test": {task: {"uar": {"value": 1 / 3}} for task in partitions["test"]}}
    metrics.write(folder / "metrics", out, {"loso5": {"mtl-att": partitions, "chance": chance}})
    tasks = (Task("arousal"), Task("valence"), Task("emotion", ("angry", "happy", "sad"), None))
    with writing_tested(out, tasks, like=pd.DataFrame({"session": [1]})):
        pass
    outputs = {"scores": out, "metrics": folder / "metrics", "confusions": folder / "confusions"}
    return views.of("evaluate", outputs)


def test_a_page_has_the_confusions_of_every_task_by_the_names_of_its_classes(tmp_path):
    evaluated(tmp_path)
    tables = re.findall(r"<table>.*?</table>", (tmp_path / "confusions").read_text(), re.DOTALL)
    read = [[re.findall(r"<t[hd]>(.*?)</t[hd]>", row) for row in table.split("<tr>")[1:]] for table in tables]
    assert read[0] == [
        ["", "low", "middle", "high"],
        ["low", "3", "1", "0"],
        ["middle", "2", "5", "1"],
        ["high", "0", "1", "4"],
    ]
    assert read[2][0] == ["", "angry", "happy", "sad"]


def test_scalars_are_the_systems_pooled_test_scores_with_the_task_first(tmp_path):
    shown = evaluated(tmp_path)["metrics"]
    assert shown["arousal/uar/mtl-att"] == 0.51
    assert sorted(shown)[0].startswith("arousal/"), "Kubeflow's interface sorts by name, ten to a page"
    assert not [name for name in shown if "chance" in name or "f1" in name or "@" in name]


def test_the_data_docs_are_shown_whether_the_data_was_accepted_or_refused(tmp_path):
    for name, text in (("out", "accepted"), ("out.failed", "refused")):
        docs = tmp_path / name / "docs"
        docs.mkdir(parents=True)
        (docs / "index.html").write_text(text)
        views.of("validate", {"validated": tmp_path / "out", "docs": tmp_path / "docs"})
        assert (tmp_path / "docs").read_text() == text


def test_a_registered_version_is_named(tmp_path):
    made = Registered("attune", "3", "a1b2", "http://mlflow:5000", "d" * 64)
    registered.write(tmp_path / "out", made)
    assert views.of("register", {"registered": tmp_path / "out"}) == {"registered": made._asdict()}


def test_a_step_without_a_view_shows_nothing(tmp_path):
    assert views.of("train", {"out": tmp_path / "out"}) == {}
