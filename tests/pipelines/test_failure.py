"""Why a run failed."""

import pytest
from followed import running
from kubeflow_server import Fault
from kubernetes_api import Kubernetes
from workflows import WORKFLOW, Workflow, everything

from attune.errors import AttuneError
from pipelines.runs import failure, watching

KLOG = "I1127 01:05:57.239313      15 main.go:67] launching"
REFUSED = 'pods "x" is forbidden: error looking up service account: serviceaccount "nobody-here" not found'


@pytest.fixture
def told(compiled, tmp_path):
    """The message at the end of a run that failed."""

    def message(flow, **kubeflow):
        given = {"tasks": flow.details, "state_of": lambda _: "FAILED", **kubeflow}
        with running(compiled["scoring"], tmp_path, **given) as (_, server, run):
            with pytest.raises(AttuneError) as caught:
                failure.check_success(server, watching.get(server, run))
            return caught.value

    return message


def test_the_first_task_that_failed_says_why_and_what_was_left_out(told):
    flow = Workflow({"corpus": "failed", "validate": "skipped", "close": "done"})
    error = told(flow, logs={flow.node("corpus"): f"{KLOG}\nerror: /nowhere: no such folder\n  Check it.\n{KLOG}\n"})
    assert error.what == "run run-0 failed: corpus: /nowhere: no such folder (16 were skipped)"
    assert "/#/runs/details/run-0" in str(error.where)
    assert error.remedy == "Read the whole log: attune pipeline logs run-0"


def test_of_several_cells_the_first_is_named_and_the_others_counted(told):
    flow = Workflow(everything("done") | {"train 1": "failed", "train 3": "failed"})
    error = told(flow, archived={flow.node("train 1"): "error: loss is nan\n"})
    assert "failed: train mtl-att session2: loss is nan (1 more failed)" in error.what


def test_the_last_of_several_tries_is_the_one_that_tells(told):
    flow = Workflow(everything("done") | {"train 1": "failed"}, {"train 1": 3})
    kept = {flow.node("train 1", attempt): f"error: try {attempt}\n" for attempt in range(3)}
    assert "train mtl-att session2: try 2" in told(flow, logs=kept).what


def test_where_our_code_never_spoke_the_machinery_does(told):
    flow = Workflow({"corpus": "done", "validate": "driver failed"})
    driver = next(pod for pod in flow.pods if "(0).validate-driver(0)" in str(pod))
    node = driver["metadata"]["annotations"]["workflows.argoproj.io/node-id"]
    said = "F1127 01:08:31.000000      15 main.go:60] failed to get bucket when downloading input artifact\n"
    assert "failed: validate: failed to get bucket" in told(flow, logs={node: said}).what


def test_a_cached_artifact_that_is_gone_is_told_with_what_to_do(told):
    flow = Workflow(everything("done") | {"evaluate": "failed"})
    launcher = "F1127 01:08:31.000000      15 main.go:60] failed to download input artifact "
    said = f'{launcher}"validated" from remote storage: blob (code=NotFound): NoSuchKey\n'
    assert "gone from the store; submit with --no-cache" in told(flow, logs={flow.node("evaluate"): said}).what


def workflow(*nodes, message=None):
    status = {"nodes": {str(number): node for number, node in enumerate(nodes)}} | (
        {"message": message} if message else {}
    )
    return {"metadata": {"name": WORKFLOW, "labels": {"pipeline/runid": "run-0"}}, "status": status}


def test_a_pod_that_was_refused_is_told_in_kubernetes_own_words(told):
    node = {"type": "Pod", "name": f"{WORKFLOW}(0).root-driver(0)", "phase": "Error", "message": REFUSED}
    known = Kubernetes(workflows=[workflow(node)])
    assert f"failed: root-driver: {REFUSED}" in told(Workflow({}), kubeconfig=True, kubernetes=known).what


def test_where_kubernetes_tells_nothing_the_end_is_told_without_a_reason(told):
    closed = Kubernetes(forbidden={"pods", "workflows"})
    assert told(Workflow({}), kubeconfig=True, kubernetes=closed).what == "run run-0 failed"
    assert told(Workflow({})).what == "run run-0 failed"


def test_where_the_log_may_not_be_read_the_end_is_told_all_the_same(told):
    flow = Workflow(everything("done") | {"train 1": "failed"})
    closed = Fault(".*/log", times=9, status=403, body='{"error_message": "unauthorized to read artifact"}')
    error = told(flow, faults=[closed])
    assert error.what.startswith("run run-0 failed: train mtl-att session2: the reason is in its log, which cannot be ")
    assert "forbidden (403 unauthorized to read artifact)" in error.what
    pod = flow.pod("train 1")
    pod["status"]["containerStatuses"] = [
        {"name": "main", "state": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}, **STATUS}
    ]
    known = Kubernetes(pods=flow.pods)
    closed.times = 9
    assert "train mtl-att session2: OOMKilled" in told(flow, kubeconfig=True, kubernetes=known, faults=[closed]).what


def test_a_container_that_the_kernel_killed_says_so(told):
    flow = Workflow(everything("done") | {"train 1": "failed"})
    pod = flow.pod("train 1")
    killed = {"terminated": {"reason": "OOMKilled", "exitCode": 137}}
    pod["status"]["containerStatuses"] = [{"name": "main", "state": killed} | STATUS]
    known = Kubernetes(pods=flow.pods, said={pod["metadata"]["name"]: f"{KLOG}\n"})
    assert "train mtl-att session2: OOMKilled" in told(flow, kubeconfig=True, kubernetes=known).what


GARBLED = {"page": "<html>log in</html>", "hole": '{"items": [null]}', "nothing": ""}


@pytest.mark.parametrize("answer", GARBLED.values(), ids=GARBLED)
@pytest.mark.parametrize("kind", ["pods", "events", "workflows"])
def test_what_is_not_kubernetes_answer_is_taken_for_none(told, kind, answer):
    flow = Workflow(everything("done") | {"train 1": "failed"})
    flow.pod("train 1")["status"] = {"phase": "Pending"}
    garbled = Fault(f"GET /api.*/{kind}", times=9, status=200, body=answer)
    known = Kubernetes(pods=flow.pods)
    assert "failed: train mtl-att" in told(flow, kubeconfig=True, kubernetes=known, faults=[garbled]).what


def test_a_cancelled_run_is_told_as_cancelled(told):
    assert told(Workflow({}), history=["RUNNING", "CANCELING"]).what == "run run-0 was cancelled"


STATUS = {"image": "i", "imageID": "i", "ready": False, "restartCount": 0}


def test_the_reason_is_asked_for_at_once_and_a_few_times_a_minute():
    assert watching.OFTEN * 5.0 <= 30
