"""Following a run to its end, its logs, and saying how it ended."""

import pytest
from kubeflow_server import Fault, Kubeflow, serving

from attune.errors import AttuneError
from pipelines import logs, watching
from pipelines.calls import Patience
from pipelines.connection import Wanted, connect
from pipelines.submission import Order, start, upload

QUICK = Patience(attempts=3, pause=0.01, connect=2.0, read=1.0)


def node(name, number, state="SUCCEEDED", children=(), error=None):
    """A node as Kubeflow lists it: pods are called after a template and a number, nodes after the number alone."""
    template = "-system-container-impl" if name.startswith("executor") else ""
    return {
        "display_name": name,
        "task_id": f"t{number}",
        "pod_name": f"wf{template}-{number}",
        "state": state,
        "start_time": f"2026-11-01T00:00:{number:02}Z",
        "child_tasks": [{"pod_name": f"wf-{child}"} for child in children],
        "error": error and {"code": 1, "message": error},
    }


TASKS = [
    node("root", 1, children=[2]),
    node("root-driver", 2),
    node("train", 30, "FAILED", children=[31], error="exit code 1"),
    node("train-driver", 3),
    node("executor", 31, "FAILED", children=[32, 33]),
    node("executor(0)", 32, "FAILED"),
    node("executor(1)", 33, "FAILED"),
    node("corpus", 10, children=[11]),
    node("executor", 11),
    node("for-loop-2-every-system-and-fold(0:{})", 20),
]


@pytest.fixture
def kubeflow(compiled):
    with serving(Kubeflow(tasks=TASKS)) as server:
        yield server


@pytest.fixture
def run(kubeflow, compiled):
    server = connect(Wanted(host=kubeflow.address), {}, QUICK)
    return server, start(server, upload(server, compiled["scoring"]), Order("one", {})).run_id


def follow(run, **options):
    seen = []
    return watching.wait(*run, seen.append, every=0.01, **options), seen


def test_every_change_is_told_once_and_plumbing_never(run, kubeflow):
    ended, seen = follow(run)
    assert ended.state == "SUCCEEDED"
    assert [change.state for change in seen if change.task == "run"] == ["PENDING", "RUNNING", "SUCCEEDED"]
    assert [change.task for change in seen if change.task != "run"] == ["corpus", "train"]


def test_a_run_that_failed_names_the_tasks_that_did(run, kubeflow):
    kubeflow.state_of = lambda look: "FAILED"
    ended, _ = follow(run)
    with pytest.raises(AttuneError, match=r"run run-0 ended FAILED: train \(exit code 1\)") as caught:
        watching.check_success(run[0], ended)
    assert f"{kubeflow.address}/#/runs/details/run-0" in str(caught.value)
    assert "attune pipeline logs run-0" in str(caught.value)


@pytest.mark.parametrize("state", ["CANCELED", "SKIPPED"])
def test_a_run_that_was_cancelled_has_ended_but_not_well(run, kubeflow, state):
    kubeflow.state_of, kubeflow.tasks = (lambda look: state), []
    ended, _ = follow(run)
    with pytest.raises(AttuneError, match=f"ended {state}"):
        watching.check_success(run[0], ended)


def test_waiting_survives_a_server_that_hiccups(run, kubeflow):
    kubeflow.faults = [Fault("GET .*/runs/run-0", times=2, status=503)]
    assert follow(run)[0].state == "SUCCEEDED"


def test_a_token_that_expires_while_waiting_is_one_message(run, kubeflow):
    kubeflow.state_of = lambda look: "RUNNING"
    kubeflow.faults = [Fault("GET .*/runs/run-0", times=2, delay=0.01), Fault("GET .*/runs/run-0", times=9, status=401)]
    with pytest.raises(AttuneError, match="refused"):
        follow(run)


def test_waiting_is_bounded_where_it_is_told_to_be(run, kubeflow):
    kubeflow.state_of = lambda look: "RUNNING"
    with pytest.raises(AttuneError, match="still RUNNING after 0 s") as caught:
        follow(run, at_most=0.05)
    assert "attune pipeline status run-0" in str(caught.value)


def test_a_run_that_is_not_there_is_one_message(run):
    with pytest.raises(AttuneError, match=r"run run-9: not found"):
        watching.get(run[0], "run-9")


def test_logs_are_told_by_task_in_the_order_they_were_written(run, kubeflow):
    kubeflow.logs = {f"wf-system-container-impl-{n}": f"line of {n}\n" for n in (11, 32, 33)}
    assert [(log.task, log.text) for log in logs.logs(*run)] == [
        ("corpus", "line of 11\n"),
        ("train", "line of 32\n"),
        ("train", "line of 33\n"),
    ]
    assert [log.pod for log in logs.logs(*run, "corpus")] == ["wf-system-container-impl-11"]


def test_logs_come_from_the_dashboard_where_only_that_is_in_front(run, kubeflow):
    kubeflow.faults = [
        Fault("GET /apis/v1alpha1/.*", status=404),
        Fault("GET /k8s/pod/logs", status=200, body="from the dashboard", kind="text/plain"),
    ]
    (log,) = logs.logs(*run, "corpus")
    assert log.text == "from the dashboard"


def test_a_pod_that_is_gone_hides_no_other_log(run, kubeflow):
    kubeflow.logs = {f"wf-system-container-impl-{n}": "here\n" for n in (32, 33)}
    kubeflow.logs["wf-system-container-impl-11"] = '{"error_message": "pod not\\nfound", "error_details": "..."}'
    assert [log.text for log in logs.logs(*run)] == ["(no log: pod not found)", "here\n", "here\n"]


def test_logs_of_a_task_that_is_not_there_are_one_message(run):
    with pytest.raises(AttuneError, match="no pod of register"):
        list(logs.logs(*run, "register"))
