"""Answers are taken for Kubeflow's if they have its shape, and for nothing else."""

import json
import re
from pathlib import Path

import pytest
from kubeflow_server import Fault, Kubeflow, serving
from workflows import Workflow

from attune.errors import AttuneError
from pipelines.runs import listing, logs, watching
from pipelines.server.answers import is_an
from pipelines.server.calls import Patience
from pipelines.server.connection import Wanted, connect

RECORDED = [json.loads(line) for line in (Path(__file__).parent / "recorded/answers.jsonl").read_text().splitlines()]
KINDS = {
    r"GET /runs/[^/]+": "V2beta1Run",
    r"GET /runs": "V2beta1ListRunsResponse",
    r"POST /runs": "V2beta1Run",
    r"GET /recurringruns": "V2beta1ListRecurringRunsResponse",
    r"POST /recurringruns": "V2beta1RecurringRun",
    r"GET /pipelines": "V2beta1ListPipelinesResponse",
    r"GET /pipelines/[^/]+/versions": "V2beta1ListPipelineVersionsResponse",
    r"GET /experiments": "V2beta1ListExperimentsResponse",
}


def kind_of(recorded):
    request = recorded["request"]
    path = request["path"].partition("?")[0].removeprefix("/apis/v2beta1")
    return next((kind for known, kind in KINDS.items() if re.fullmatch(known, f"{request['method']} {path}")), None)


def test_all_that_the_real_server_answered_has_that_shape():
    answers = [(kind_of(one), one["response"]) for one in RECORDED if one["response"]["status"] == 200]
    known = [(kind, response["body"]) for kind, response in answers if kind]
    assert {kind for kind, _ in known} == set(KINDS.values())
    assert all(is_an(kind, json.dumps(body)) for kind, body in known)


WRONG = [
    {"created_at": "yesterday"},
    {"display_name": 3},
    {"runtime_config": {"parameters": []}},
    {"run_details": {"task_details": [None]}},
    {"run_details": {"task_details": "none"}},
    {"run_details": {"task_details": [{"outputs": {"model": "m"}}]}},
    {"run_id": None},
]


@pytest.fixture
def asked():
    """A server that answers any question about runs with this text, and a client of it."""

    def serve(text):
        with serving(Kubeflow(faults=[Fault("GET .*/runs.*", times=9, status=200, body=text)])) as held:
            yield connect(Wanted(host=held.address), {}, Patience(attempts=2, pause=0.01))

    return serve


@pytest.mark.parametrize("wrong", WRONG, ids=json.dumps)
def test_a_run_of_another_shape_is_one_message(asked, wrong):
    run = {"run_id": "r", "display_name": "one", "state": "FAILED"} | wrong
    for server in asked(json.dumps(run)):
        for ask in (watching.look, lambda *given: list(logs.lines(*given))):
            with pytest.raises(AttuneError, match="is not Kubeflow's") as caught:
                ask(server, "r")
            assert "--host" in caught.value.remedy


def test_a_list_of_another_shape_is_one_message(asked):
    for runs in ([None], "none", ["r"]):
        for server in asked(json.dumps({"runs": runs})):
            with pytest.raises(AttuneError, match="is not Kubeflow's"):
                listing.listed(server, 5)


def test_children_without_a_pod_and_states_that_nobody_knows_are_no_trouble(asked):
    flow = Workflow({"corpus": "running"})
    details = [*flow.details, {"display_name": "x", "child_tasks": [{"task_id": "t"}]}]
    run = {"run_id": "r", "state": "RUNTIME_STATE_UNSPECIFIED", "run_details": {"task_details": details}}
    for server in asked(json.dumps(run)):
        look = watching.look(server, "r")
    assert look.state == "in an unknown state"
    assert [task.name for task in look.tasks] == ["corpus"]
