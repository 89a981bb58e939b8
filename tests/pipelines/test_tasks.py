"""The steps and cells of a run, and how each is."""

from types import SimpleNamespace as Thing

import pytest
from followed import running
from workflows import Workflow, everything

from attune.errors import AttuneError
from pipelines.runs import tasks, watching


@pytest.fixture
def look(compiled, tmp_path):
    """The tasks of a run to which this and that has happened."""

    def at(happened, state="RUNNING", tries=None, **kubeflow):
        details = Workflow(happened, tries or {}).details
        with running(compiled["scoring"], tmp_path, tasks=details, state_of=lambda _: state, **kubeflow) as (
            _,
            server,
            run,
        ):
            return watching.look(server, run)

    return at


def states(look):
    return {task.name: task.state for task in look.tasks}


def test_every_step_and_cell_has_a_state_and_plumbing_has_none(look):
    seen = look(everything("cached") | {"train 2": "done", "predict 2": "running", "evaluate": "failed"})
    shown = states(seen)
    assert shown["train mtl-att session1"] == "cached"
    assert shown["train mtl-att session3"] == "done"
    assert shown["predict mtl-att session3"] == "running"
    assert shown["evaluate"] == "failed"
    assert list(shown)[:5] == ["corpus", "validate", "admit", "preprocess", "train mtl-att session1"]
    assert len(shown) == 10 + 2 * 4


def test_what_has_not_begun_waits_or_was_left_out(look):
    assert states(look({"corpus": "running"}))["train mtl-att session4"] == "waiting"
    ended = look({"corpus": "failed", "validate": "skipped", "close": "done"}, "FAILED")
    assert states(ended)["validate"] == states(ended)["predict mtl-att session2"] == "skipped"


def test_tries_are_counted_and_each_has_its_own_log(look):
    seen = look(everything("done") | {"train 1": "running"}, tries={"train 1": 3})
    (train,) = tasks.chosen(seen.tasks, ["train", "session2"])
    workflow = Workflow({})
    assert train.nodes == tuple(workflow.node("train 1", attempt) for attempt in range(3))


@pytest.mark.parametrize(
    ("words", "count"),
    [(["train"], 4), (["train", "session3"], 1), (["train", "mtl-att", "session3"], 1), (["gate"], 1)],
)
def test_a_task_is_named_by_step_system_and_fold(look, words, count):
    assert len(tasks.chosen(look(everything("done")).tasks, words)) == count


@pytest.mark.parametrize("words", [["trains"], ["train", "session9"], ["gate", "session1"]])
def test_a_name_that_is_no_task_is_one_message_that_names_those_there_are(look, words):
    with pytest.raises(AttuneError, match="no task") as caught:
        tasks.chosen(look(everything("done")).tasks, words)
    assert "The run has corpus, validate" in caught.value.remedy
    assert "cells: mtl-att session1" in caught.value.remedy


@pytest.mark.parametrize(
    ("state", "history", "word"),
    [
        ("RUNNING", [], "running"),
        ("SUCCEEDED", [], "succeeded"),
        ("FAILED", ["RUNNING"], "failed"),
        ("CANCELING", [], "being cancelled"),
        ("FAILED", ["RUNNING", "CANCELING"], "cancelled"),
    ],
)
def test_a_run_is_told_as_it_is_though_kubeflow_calls_a_cancelled_one_failed(look, state, history, word):
    assert look({}, state, history=history).state == word


def test_what_was_cut_off_by_a_cancellation_did_not_fail(look):
    seen = look({"corpus": "done", "validate": "failed", "close": "done"}, "FAILED", history=["RUNNING", "CANCELING"])
    assert states(seen)["validate"] == "cancelled"
    assert tasks.failures(seen.tasks) == []


@pytest.mark.parametrize("cells", [[1, 2], ["a"], [{"system": "a"}], {"a": 1}, "a", None])
def test_a_run_of_somebody_elses_pipeline_has_no_cells_of_ours(cells):
    assert tasks.cell_names(Thing(runtime_config=Thing(parameters={"cells": cells}))) == []


def test_a_driver_that_failed_is_its_tasks_failure(look):
    seen = look({"corpus": "done", "validate": "driver failed"}, "FAILED")
    assert states(seen)["validate"] == "failed"
    assert states(seen)["admit"] == "skipped"
