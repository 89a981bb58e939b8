"""Which node is which step, cell and try."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from workflows import Workflow, everything

from pipelines.runs import nodes

RECORDED = Path(__file__).parent / "recorded/answers.jsonl"
BODIES = [json.loads(line)["response"]["body"] for line in RECORDED.read_text().splitlines()]
WITH_DETAILS = [one["run_details"]["task_details"] for one in BODIES if isinstance(one, dict) and "run_details" in one]


def details(listed):
    return [
        SimpleNamespace(
            display_name=one.get("display_name"),
            child_tasks=[SimpleNamespace(**child) for child in one.get("child_tasks", [])],
        )
        for one in listed
    ]


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("wf(0).root(0).exit-handler-1(0).evaluate(0).executor(0)", ("evaluate", None, 0)),
        ("wf(0).root(0).exit-handler-1.onExit(0).close(0).executor(2)", ("close", None, 2)),
        (
            "wf(0).root(0).exit-handler-1(0).for-loop-2(0).iteration-iterations(13:13)(0).iteration-item(0)"
            ".train(0).executor(1)",
            ("train", 13, 1),
        ),
        ("wf.root.exit-handler-1.for-loop-2.iteration-iterations(3:3).iteration-item.train.executor", ("train", 3, 0)),
        ("wf(0).root-driver(0)", ("root-driver", None, 0)),
    ],
)
def test_a_nodes_name_says_step_cell_and_try(name, node):
    assert nodes.parse(name) == node


@pytest.mark.parametrize("listed", WITH_DETAILS)
def test_every_id_that_a_real_server_named_gets_its_full_name(listed):
    found = details(listed)
    workflow = nodes.workflow_of(found)
    ids = {child for detail in found for child in nodes.children(detail)}
    assert {nodes.node_id(workflow, name) for name in nodes.names(found)} - {nodes.node_id(workflow, workflow)} == ids


def test_two_hundred_cells_are_told_apart():
    workflow = Workflow(everything("done", cells=200), cells=200)
    found = nodes.names(details(workflow.details))
    cells = {nodes.parse(name).cell for name in found if name.endswith("train(0).executor(0)")}
    assert cells == set(range(200))


def test_a_run_that_has_not_begun_has_no_nodes():
    assert nodes.names([]) == set()
