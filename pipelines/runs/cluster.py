"""Information about a run that only Kubernetes has: its pods, their live logs, and why a pod cannot start.

If a step never had a pod, or its container never started, Kubeflow's server has no information. Nothing here is
needed for a run; users without permission get only the server's information.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from kubernetes import client
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from pipelines.runs import nodes

RUN = "pipeline/runid"
NODE_NAME, NODE_ID = "workflows.argoproj.io/node-name", "workflows.argoproj.io/node-id"
MAIN = "main"
ARGO, TRAINER = ("argoproj.io", "v1alpha1"), ("trainer.kubeflow.org", "v1alpha1")
PATIENCE = (10.0, 60.0)
"""Seconds to wait for a connection, and for an answer."""
LEAVING = "is being removed"
LOST = "its node does not answer"
"""Prefix of the message that a running pod is being removed; on a node that is gone, this may last for hours."""
PASSING = frozenset({"ContainerCreating", "PodInitializing"})
"""Waiting reasons that resolve by themselves."""

GARBLED = (AttributeError, KeyError, TypeError, ValueError)
"""What the client raises if a proxy in front of the API server answers, with a login page or a truncated response."""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Pod:
    """A pod that runs a step's container."""

    name: str
    node: nodes.Node
    node_id: str
    phase: str
    trouble: str
    """Why it does not start, was aborted or is being removed, in Kubernetes' words; empty if there is no trouble."""


@dataclass(frozen=True)
class Cluster:
    """A namespace of a Kubernetes API server, as far as the user has access."""

    api: Any
    namespace: str

    def pods(self, run_id: str) -> list[Pod]:
        """Return the pods of a run, including plumbing, in the order of creation; empty without permission."""
        return _seen(lambda: self._pods(run_id), [])

    def _pods(self, run_id: str) -> list[Pod]:
        listed = client.CoreV1Api(self.api).list_namespaced_pod(
            self.namespace, label_selector=f"{RUN}={run_id}", _request_timeout=PATIENCE
        )
        found = sorted(listed.items, key=lambda pod: str(pod.metadata.creation_timestamp))
        return [_pod(pod) for pod in found if NODE_NAME in (pod.metadata.annotations or {})]

    def log(self, pod: str, *, follow: bool = False) -> Iterator[str]:
        """Yield the log lines of a pod's container, with `follow` until it ends; none if gone or without permission."""
        with suppress(ApiException, HTTPError):  # gone or no permission: the caller reports that there is no log
            answer = client.CoreV1Api(self.api).read_namespaced_pod_log(
                pod,
                self.namespace,
                container=MAIN,
                follow=follow,
                _preload_content=False,
                _request_timeout=(PATIENCE[0], None) if follow else PATIENCE,
            )
            yield from _lines(answer.stream())

    def warnings(self) -> dict[str, str]:
        """Return Kubernetes' last warning by pod: a volume that cannot be mounted is reported nowhere else."""
        return _seen(self._warnings, {})

    def _warnings(self) -> dict[str, str]:
        listed = client.CoreV1Api(self.api).list_namespaced_event(
            self.namespace, field_selector="involvedObject.kind=Pod,type=Warning", _request_timeout=PATIENCE
        )
        found = sorted(listed.items, key=lambda one: str(one.last_timestamp or one.event_time))
        return {one.involved_object.name: _words(one.reason, one.message) for one in found}

    def messages(self, run_id: str) -> dict[str, str]:
        """Return Argo's messages about failed nodes, by node name: a refused pod is reported nowhere else.

        The last try of a node counts; a fault of the whole run has the name "".
        """
        return _seen(lambda: self._messages(run_id), {})

    def _messages(self, run_id: str) -> dict[str, str]:
        listed = client.CustomObjectsApi(self.api).list_namespaced_custom_object(
            *ARGO, self.namespace, "workflows", label_selector=f"{RUN}={run_id}", _request_timeout=PATIENCE
        )
        held = [workflow.get("status", {}) for workflow in listed.get("items", [])]
        noted = [node for status in held for node in (status.get("nodes") or {}).values() if node.get("type") == "Pod"]
        last = {nodes.without_attempt(node["name"]): node for node in sorted(noted, key=_attempt)}
        wrong = {node["name"]: " ".join(node["message"].split()) for node in last.values() if _is_wrong(node)}
        whole = next((status["message"] for status in held if status.get("message")), "")
        return wrong or ({"": " ".join(whole.split())} if whole else {})

    def has(self, kind: str, name: str) -> bool | None:
        """Whether an object exists; None without permission.

        Args:
            kind: service_account, config_map, secret, persistent_volume_claim or training_runtime.
        """
        try:
            if kind == "training_runtime":
                client.CustomObjectsApi(self.api).get_namespaced_custom_object(
                    *TRAINER, self.namespace, "trainingruntimes", name, _request_timeout=PATIENCE
                )
            else:
                getattr(client.CoreV1Api(self.api), f"read_namespaced_{kind}")(
                    name, self.namespace, _request_timeout=PATIENCE
                )
        except ApiException as error:
            return False if error.status == 404 else None
        except (HTTPError, *GARBLED):
            return None
        return True


def _seen(ask: Callable[[], Answer], otherwise: Answer) -> Answer:
    try:
        return ask()
    except (ApiException, HTTPError, *GARBLED):
        return otherwise


def _attempt(node: dict[str, Any]) -> int:
    return nodes.parse(node["name"]).attempt


def _is_wrong(node: dict[str, Any]) -> bool:
    said = node.get("message", "").partition(":")[0]
    return bool(said) and said not in PASSING and node.get("phase") in ("Error", "Failed", "Pending")


def _pod(pod: Any) -> Pod:
    annotations, phase = pod.metadata.annotations, pod.status.phase or "Pending"
    return Pod(
        pod.metadata.name,
        nodes.parse(annotations[NODE_NAME]),
        annotations.get(NODE_ID, ""),
        phase,
        _begun(pod) if phase in ("Running", "Unknown") else _trouble(pod.status),
    )


def _begun(pod: Any) -> str:
    if pod.status.phase == "Unknown":
        return _words(LOST, _words(pod.status.reason, pod.status.message))
    if told := _disruption(pod.status):
        return f"{LEAVING}: {told}"
    return LEAVING if pod.metadata.deletion_timestamp else ""


def _disruption(status: Any) -> str:
    found = (one for one in status.conditions or [] if one.type == "DisruptionTarget" and one.status == "True")
    return next((_words(one.reason, one.message) for one in found), "")


def _trouble(status: Any) -> str:
    if status.phase == "Failed" and status.reason:  # Evicted, DeadlineExceeded, NodeShutdown, OutOfcpu, ...
        return _words(status.reason, status.message)
    for condition in status.conditions or []:
        if condition.type == "PodScheduled" and condition.status == "False":
            return _words(condition.reason, condition.message)
    for container in status.init_container_statuses or []:
        if told := _waits(container.state) or _broke_off(container.state, ("Completed",)):
            return f"{container.name}: {told}"
    for container in status.container_statuses or []:
        own = container.name == MAIN
        if told := _waits(container.state) or (own and _broke_off(container.state, ("Completed", "Error"))):
            return told
    return _disruption(status)


def _waits(state: Any) -> str:
    waiting = state and state.waiting
    return _words(waiting.reason, waiting.message) if waiting and waiting.reason not in (None, *PASSING) else ""


def _broke_off(state: Any, usual: tuple[str, ...]) -> str:
    """Return how a container ended, if abnormally; errors of our own code are in its log."""
    ended = state and state.terminated
    if not ended or ended.reason in usual:
        return ""
    return _words(ended.reason, ended.message or f"exit code {ended.exit_code}")


def _words(reason: str | None, message: str | None) -> str:
    return ": ".join(" ".join(part.split()) for part in (reason, message) if part)


def _lines(pieces: Iterator[bytes]) -> Iterator[str]:
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from (line.decode(errors="replace").rstrip("\r") for line in lines)
    if rest:
        yield rest.decode(errors="replace")
