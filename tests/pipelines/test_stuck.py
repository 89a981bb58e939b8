"""Why pods do not start or break off, from the statuses that Kubernetes and Argo give them: told in their own words.

Shapes: k8s.io/api core/v1 PodStatus; reasons from kubelet (pkg/kubelet/images, kuberuntime, eviction), scheduler,
API server and Argo (workflow/controller/operator.go: getPendingReason, inferFailedReason).
"""

import pytest
from click.testing import CliRunner
from followed import running
from kubernetes_api import Kubernetes
from workflows import WORKFLOW, Workflow, everything

from attune.cli.pipelines import run_table
from pipelines.runs import failure, watching

pytestmark = pytest.mark.slow

BARE = {"image": "i", "imageID": "", "ready": False, "restartCount": 0}
EXECUTOR = f"{WORKFLOW}(0).root(0).exit-handler-1(0).corpus(0).executor"


def container(name, **state):
    return {"name": name, "state": state, **BARE}


def waiting(reason, message=None):
    held = {"reason": reason} | ({"message": message} if message else {})
    return {"phase": "Pending", "containerStatuses": [container("wait", waiting=held), container("main", waiting=held)]}


def unschedulable(message, reason="Unschedulable"):
    told = {"type": "PodScheduled", "status": "False", "reason": reason, "message": message}
    return {"phase": "Pending", "conditions": [told]}


def ended(reason, code, message=None, **more):
    held = {"reason": reason, "exitCode": code} | ({"message": message} if message else {})
    return {"phase": "Failed", "containerStatuses": [container("main", terminated=held)], **more}


def failed(reason, message):
    unknown = {"reason": "ContainerStatusUnknown", "exitCode": 137, "message": "The container could not be located"}
    return {"phase": "Failed", "reason": reason, "message": message} | {
        "containerStatuses": [container("main", terminated=unknown)]
    }


CANNOT_START = {
    "image is not there": waiting("ImagePullBackOff", 'Back-off pulling image "x": ErrImagePull: not found'),
    "image is refused": waiting("ErrImagePull", "failed to authorize: 403 Forbidden"),
    "image must be there": waiting("ErrImageNeverPull", 'Container image "x" is not present with pull policy of Never'),
    "image has no such name": waiting("InvalidImageName", 'Failed to apply default image tag "X:Y:Z"'),
    "no config map": waiting("CreateContainerConfigError", 'configmap "attune" not found'),
    "no secret": waiting("CreateContainerConfigError", 'secret "attune-s3" not found'),
    "no key": waiting(
        "CreateContainerConfigError", "couldn't find key MLFLOW_TRACKING_URI in ConfigMap kubeflow/attune"
    ),
    "root": waiting("CreateContainerConfigError", "container has runAsNonRoot and image will run as root"),
    "name in use": waiting("CreateContainerError", "context deadline exceeded"),
    "no claim": unschedulable('persistentvolumeclaim "attune-checkpoints" not found'),
    "unbound": unschedulable("0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims."),
    "no cpu": unschedulable("0/2 nodes are available: 2 Insufficient cpu."),
    "no memory": unschedulable(
        "0/2 nodes are available: 1 Insufficient memory, 1 node(s) had untolerated taint {a: b}."
    ),
    "no gpu": unschedulable("0/2 nodes are available: 2 Insufficient nvidia.com/gpu."),
    "held back": unschedulable("Scheduling is blocked due to non-empty scheduling gates", "SchedulingGated"),
}
BROKE_OFF = {
    "memory": ended("OOMKilled", 137),
    "no such command": ended("StartError", 128, 'exec: "attune": executable file not found in $PATH'),
    "evicted": failed("Evicted", "The node was low on resource: ephemeral-storage."),
    "deadline": failed("DeadlineExceeded", "Pod was active on the node longer than the specified deadline"),
    "shutdown": failed("Terminated", "Pod was terminated in response to imminent node shutdown."),
    "full after all": failed("OutOfcpu", "Node didn't have enough resource: cpu, requested: 2000, used: 1500"),
    "unknown": ended("ContainerStatusUnknown", 137, "The container could not be located when the pod was terminated"),
}
REFUSED = {
    "quota": 'pods "x" is forbidden: exceeded quota: small, requested: requests.cpu=2, used: 3, limited: 4',
    "service account": 'pods "x" is forbidden: error looking up service account kubeflow/nobody: not found',
    "webhook": 'admission webhook "policy.example.org" denied the request: images must be signed',
    "pod security": 'pods "x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true',
    "limits": 'pods "x" is forbidden: maximum memory usage per Container is 4Gi, but limit is 8Gi',
    "deleted": "pod deleted",
}


def words(status):
    """What a status says: reasons and messages, which must all be repeated."""
    if status.get("reason"):
        return [status["reason"], status["message"]]
    told = [one for one in status.get("conditions", []) if one["status"] == "False"]
    told += [held for one in status.get("containerStatuses", []) for held in one["state"].values()]
    return [text for one in told for text in (one["reason"], one.get("message")) if text]


@pytest.fixture
def seen(compiled, tmp_path):
    """The first lines of `submit --follow`, and the reason at the end."""

    def look(flow, state="RUNNING", **kubernetes):
        given = {"tasks": flow.details, "state_of": lambda _: state, "kubernetes": Kubernetes(**kubernetes)}
        with running(compiled["scoring"], tmp_path, kubeconfig=True, **given) as (_, server, run):
            now = watching.look(server, run)
            with CliRunner().isolation() as (out, *_):
                run_table.Changes()(now)
                lines = out.getvalue().decode().splitlines()
            return lines, run_table.printed(now), failure.reason(server, watching.get(server, run))

    return look


@pytest.mark.parametrize("status", CANNOT_START.values(), ids=CANNOT_START)
def test_a_pod_that_cannot_start_is_told_at_the_first_look_in_kubernetes_words(seen, status):
    flow = Workflow({"corpus": "running"})
    flow.pod("corpus")["status"] = status
    lines, table, _ = seen(flow, pods=flow.pods)
    (line,) = [line for line in lines if line.startswith("corpus: ")]
    assert "running, cannot start: " in line
    assert all(text in line for text in words(status))
    assert line.removeprefix("corpus: ").split(":")[0] in table


@pytest.mark.parametrize("status", BROKE_OFF.values(), ids=BROKE_OFF)
def test_a_pod_that_broke_off_is_told_at_the_end_and_is_not_said_to_be_starting(seen, status):
    flow = Workflow(everything("done") | {"train 1": "failed"})
    flow.pod("train 1")["status"] = status
    name = flow.pod("train 1")["metadata"]["name"]
    lines, _, reason = seen(flow, "FAILED", pods=flow.pods, said={name: ""})
    assert all(text in reason for text in words(status))
    assert reason.startswith("train mtl-att session2: ")
    assert not [line for line in lines if "cannot start" in line]


TAINT = {"reason": "DeletionByTaintManager", "message": "Taint manager: deleting due to NoExecute taint"}
REMOVED = {
    "a node that does not answer": ({"type": "DisruptionTarget", "status": "True", **TAINT}, ": ".join(TAINT.values())),
    "deleted by somebody": (None, ""),
}


@pytest.mark.parametrize(("condition", "told"), REMOVED.values(), ids=REMOVED)
def test_a_pod_that_runs_and_is_being_removed_is_told_so(seen, condition, told):
    flow = Workflow({"corpus": "running", "close": "done"})
    pod = flow.pod("corpus")
    pod["status"] = {"phase": "Running", "conditions": [condition] if condition else []}
    pod["metadata"]["deletionTimestamp"] = "2026-11-01T00:00:30Z"
    lines, table, _ = seen(flow, pods=flow.pods)
    (line,) = [line for line in lines if line.startswith("corpus: ")]
    assert line == f"corpus: running, is being removed{f': {told}' if told else ''}"
    assert "running, is being removed" in table


@pytest.mark.parametrize(
    ("message", "phase"), list(zip(REFUSED.values(), ["Pending", "Error"] * 3, strict=True)), ids=REFUSED
)
def test_a_pod_that_was_never_made_is_told_from_argos_note(seen, message, phase):
    node = {"type": "Pod", "name": f"{EXECUTOR}(0)", "phase": phase, "message": message}
    flow = Workflow({"corpus": "running"})
    lines, *_ = seen(flow, workflows=[noted(node)])
    assert f"corpus: running, cannot start: {message}" in lines


def noted(*held):
    about = {"name": WORKFLOW, "labels": {"pipeline/runid": "run-0"}}
    return {"metadata": about, "status": {"nodes": {str(number): node for number, node in enumerate(held)}}}


@pytest.mark.parametrize("passing", ["PodInitializing", "ContainerCreating"])
def test_a_pod_that_is_just_starting_is_not_said_to_be_stuck(seen, passing):
    flow = Workflow({"corpus": "running"})
    flow.pod("corpus")["status"] = waiting(passing)
    node = {"type": "Pod", "name": f"{EXECUTOR}(0)", "phase": "Pending", "message": passing}
    lines, *_ = seen(flow, pods=flow.pods, workflows=[noted(node)])
    assert "corpus: running" in lines


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ({}, ""),
        ({"reason": "NodeLost", "message": "Node n1 is unresponsive"}, ": NodeLost: Node n1 is unresponsive"),
    ],
)
def test_a_node_that_does_not_answer_is_told(seen, status, why):
    flow = Workflow({"corpus": "running"})
    flow.pod("corpus")["status"] = {"phase": "Unknown", **status}
    lines, table, _ = seen(flow, pods=flow.pods)
    assert f"corpus: running, its node does not answer{why}" in lines
    assert "cannot start" not in table


def test_a_try_that_was_lost_does_not_count_once_another_one_runs(seen):
    flow = Workflow({"corpus": "running"}, {"corpus": 2})
    flow.pod("corpus", 0)["status"] = failed("Evicted", "The node was low on resource: memory.")
    flow.pod("corpus", 1)["status"] = {"phase": "Running"}
    lost = {"type": "Pod", "name": f"{EXECUTOR}(0)", "phase": "Error", "message": "pod deleted"}
    again = {"type": "Pod", "name": f"{EXECUTOR}(1)", "phase": "Running"}
    for pods in (flow.pods, []):
        assert "corpus: running (try 2)" in seen(flow, pods=pods, workflows=[noted(lost, again)])[0]


def test_an_init_container_that_fails_or_waits_is_named(seen):
    flow = Workflow({"corpus": "running"})
    for state, told in (
        ({"terminated": {"reason": "Error", "exitCode": 64}}, "init: Error: exit code 64"),
        ({"waiting": {"reason": "ImagePullBackOff", "message": "Back-off"}}, "init: ImagePullBackOff: Back-off"),
    ):
        starting = waiting("PodInitializing")["containerStatuses"]
        status = {"phase": "Pending", "initContainerStatuses": [container("init", **state)]}
        flow.pod("corpus")["status"] = status | {"containerStatuses": starting}
        assert f"corpus: running, cannot start: {told}" in seen(flow, pods=flow.pods)[0]


def test_a_volume_that_another_node_has_is_told_from_kubernetes_warnings(seen):
    flow = Workflow({"corpus": "running"})
    pod = flow.pod("corpus")
    pod["status"] = waiting("ContainerCreating")
    about = {"kind": "Pod", "name": pod["metadata"]["name"], "namespace": "kubeflow"}
    told = {"reason": "FailedAttachVolume", "message": 'Multi-Attach error for volume "pvc-1"'}
    event = {"metadata": {"name": "e", "namespace": "kubeflow"}, "involvedObject": about, "type": "Warning", **told}
    event["lastTimestamp"] = "2026-11-01T00:00:01Z"
    lines, *_ = seen(flow, pods=flow.pods, events=[event])
    assert 'corpus: running, cannot start: FailedAttachVolume: Multi-Attach error for volume "pvc-1"' in lines


def test_two_reasons_that_take_turns_are_told_once_each(capsys):
    from types import SimpleNamespace as Thing

    from pipelines.runs.tasks import Task

    changes = run_table.Changes()
    for reason in ("ErrImagePull", "ImagePullBackOff") * 3:
        changes(Thing(tasks=[Task("corpus", "", "running")], stuck={"corpus": reason}, state="running"))
    assert capsys.readouterr().out.count("cannot start") == 2
