"""Find, create, inspect and delete TrainJobs on a cluster."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from attune.errors import AttuneError
from attune.kubeflow.kubernetes_api import CONFLICT, NOT_FOUND, Api, Document, Refused
from attune.kubeflow.train_job import GROUP, VERSION

CONTAINER = "node"
JOB, INDEX = "jobset.sigs.k8s.io/jobset-name", "batch.kubernetes.io/job-completion-index"
"""Labels of a TrainJob's pods: their TrainJob, and the index of the node."""


@dataclass(frozen=True)
class Pods:
    """The pods of a TrainJob: the first node's name, and in Kubernetes' words what keeps any from running."""

    first: str | None
    troubles: tuple[str, ...]


@dataclass(frozen=True)
class Trainer:
    """Kubeflow's Trainer in the namespace of this pod."""

    api: Api

    def find(self, name: str) -> Document | None:
        """Return the TrainJob of that name, if there is one."""
        try:
            return self.api.json("GET", f"{self._jobs}/{name}")
        except Refused:
            return None

    def create(self, job: Document) -> bool:
        """Create a TrainJob; return False if one of its name exists already.

        Raises:
            AttuneError: the cluster has no Trainer, or refuses the object.
        """
        try:
            self.api.json("POST", self._jobs, job)
        except Refused as refused:
            if refused.status == CONFLICT:
                return False
            raise AttuneError(
                f"this cluster has no TrainJobs ({refused.message})",
                where="train.nodes",
                remedy="Install Kubeflow Trainer, and add deploy/trainer to the overlay.",
            ) from None
        return True

    def adopt(self, name: str, owner: Document) -> bool:
        """Transfer the TrainJob to another pod; return False if it has gone with that of the earlier attempt."""
        try:
            self.api.json("PATCH", f"{self._jobs}/{name}", {"metadata": {"ownerReferences": [owner]}})
        except Refused:  # not found, or changed at this moment: the caller looks again
            return False
        return True

    def delete(self, name: str) -> None:
        """Delete a TrainJob with its pods; ignore a missing one."""
        try:
            self.api.json("DELETE", f"{self._jobs}/{name}", {"propagationPolicy": "Foreground"})
        except Refused as refused:
            if refused.status != NOT_FOUND:
                raise

    def pods(self, name: str) -> Pods:
        """Return the current pods."""
        listed = self.api.json("GET", f"{self._pods}?labelSelector={JOB}%3D{name}")["items"]
        first = [pod["metadata"]["name"] for pod in listed if pod["metadata"]["labels"].get(INDEX) == "0"]
        return Pods(first[-1] if first else None, tuple(trouble for pod in listed if (trouble := _trouble(pod))))

    def log(self, pod: str) -> list[str]:
        """Return the whole lines of a node's log; empty before its container runs."""
        try:
            text = self.api.text("GET", f"{self._pods}/{pod}/log?container={CONTAINER}")
        except (Refused, AttuneError):
            return []
        return text.splitlines() if text.endswith("\n") else text.splitlines()[:-1]

    @property
    def _jobs(self) -> str:
        return f"/apis/{GROUP}/{VERSION}/namespaces/{self.api.namespace}/trainjobs"

    @property
    def _pods(self) -> str:
        return f"/api/v1/namespaces/{self.api.namespace}/pods"


PASSING = frozenset({"ContainerCreating", "PodInitializing"})
"""Waiting reasons that resolve by themselves."""


def _trouble(pod: Document) -> str:
    status = pod.get("status", {})
    for condition in status.get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return _words(condition)
    for container in status.get("containerStatuses", []):
        waiting, over = (container.get("state", {}).get(kind) or {} for kind in ("waiting", "terminated"))
        if waiting.get("reason") and waiting["reason"] not in PASSING:
            return _words(waiting)
        if over.get("reason") not in (None, "Completed", "Error"):
            return _words(over)
    return _words(status) if status.get("phase") == "Failed" and status.get("reason") else ""


def _words(said: dict[str, Any]) -> str:
    parts: Sequence[str | None] = (said.get("reason"), said.get("message"))
    return ": ".join(" ".join(part.split()) for part in parts if part)
