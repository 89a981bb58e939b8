"""Training on several nodes as a Kubernetes object: a TrainJob of Kubeflow Trainer.

Only fields of its specification that every release since 2.0 has are used; what else a pod needs (volumes, credentials,
scheduling) is in the TrainingRuntime of deploy/trainer.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attune.environment import DATA_MD5, GIT_CLEAN, GIT_COMMIT, PIPELINE_RUN
from attune.errors import AttuneError

GROUP, VERSION = "trainer.kubeflow.org", "v1alpha1"
LONGEST_NAME = 40
"""Characters; Kubernetes allows 63 for a pod's name, which is 18 longer."""
PASSED_ON = (PIPELINE_RUN, GIT_COMMIT, GIT_CLEAN, DATA_MD5)

Document = dict[str, Any]


@dataclass(frozen=True)
class Nodes:
    """The number of nodes of a training run, and the resources of each."""

    count: int
    image: str
    runtime: str
    cpu: str
    memory: str
    gpu_type: str
    gpus: int

    @property
    def processes(self) -> int:
        """Processes on each node: one per GPU."""
        return max(1, self.gpus)


def parse(text: str) -> Nodes:
    """Parse nodes from JSON whose values are all strings, as Kubeflow passes them.

    Raises:
        AttuneError: a value is missing, or not a number where one is required.
    """
    try:
        given = json.loads(text)
        given |= {name: int(given[name]) for name in ("count", "gpus")}
        return Nodes(**given)
    except (ValueError, TypeError, KeyError) as error:
        raise AttuneError(f"does not say how many nodes of what size ({error})", where="--nodes") from None


def name(run: str, system: str, fold: str) -> str:
    """Return the name of the TrainJob for one cell of a run; it is deterministic."""
    cell = re.sub(r"[^a-z0-9]+", "-", f"{system}-{fold}".lower()).strip("-")
    digest = hashlib.sha256(f"{run} {system} {fold}".encode()).hexdigest()[:8]
    return f"attune-{cell[: LONGEST_NAME - 16]}-{digest}"


def build(name: str, nodes: Nodes, command: Sequence[str], owner: Document, environment: Mapping[str, str]) -> Document:
    """Return the TrainJob.

    Args:
        command: arguments of `attune`, with paths that every node can read.
        owner: a reference to the pod; the TrainJob is deleted with it.
        environment: of the pod that creates it; the variables that describe lineage are passed on.
    """
    requests = {"cpu": nodes.cpu, "memory": nodes.memory}
    limits = {"memory": nodes.memory} | ({nodes.gpu_type: str(nodes.gpus)} if nodes.gpus else {})
    return {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": "TrainJob",
        "metadata": {
            "name": name,
            "labels": {"app.kubernetes.io/part-of": "attune"},
            "ownerReferences": [owner],
        },
        "spec": {
            "runtimeRef": {"apiGroup": GROUP, "kind": "TrainingRuntime", "name": nodes.runtime},
            "trainer": {
                "image": nodes.image,
                "command": ["torchrun"],
                "args": ["--no-python", "--nproc-per-node", str(nodes.processes), "attune", *command],
                "env": [{"name": key, "value": environment[key]} for key in PASSED_ON if environment.get(key)],
                "numNodes": nodes.count,
                "resourcesPerNode": {"requests": requests, "limits": limits},
            },
        },
    }


def ended(job: Document) -> tuple[str, str] | None:
    """Return `Complete` or `Failed` and the reason; None while it is running."""
    for condition in job.get("status", {}).get("conditions", []):
        if condition["type"] in ("Complete", "Failed") and condition["status"] == "True":
            return condition["type"], f"{condition['reason']}: {condition['message']}"
    return None
