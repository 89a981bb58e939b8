"""A training run over several nodes as an object of Kubernetes: a TrainJob of Kubeflow's Trainer.

Of its specification only what every release since 2.0 has is used; what else a pod needs (volumes, credentials, where
it may run) is in the TrainingRuntime of deploy/trainer.
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
"""Characters; Kubernetes allows 63 for a pod's, which has 18 more."""
PASSED_ON = (PIPELINE_RUN, GIT_COMMIT, GIT_CLEAN, DATA_MD5)

Document = dict[str, Any]


@dataclass(frozen=True)
class Nodes:
    """What a training run is given: how many nodes, and how much of each."""

    count: int
    image: str
    runtime: str
    cpu: str
    memory: str
    gpu_type: str
    gpus: int

    @property
    def processes(self) -> int:
        """On each node: one for each GPU."""
        return max(1, self.gpus)


def parse(text: str) -> Nodes:
    """Nodes from JSON whose values are all strings, as Kubeflow passes them.

    Raises:
        AttuneError: a value is missing, or no number where there must be one.
    """
    try:
        given = json.loads(text)
        given |= {name: int(given[name]) for name in ("count", "gpus")}
        return Nodes(**given)
    except (ValueError, TypeError, KeyError) as error:
        raise AttuneError(f"does not say how many nodes of what size ({error})", where="--nodes") from None


def name(run: str, system: str, fold: str) -> str:
    """Of the TrainJob for one cell of a run: the same whenever it is asked for."""
    cell = re.sub(r"[^a-z0-9]+", "-", f"{system}-{fold}".lower()).strip("-")
    digest = hashlib.sha256(f"{run} {system} {fold}".encode()).hexdigest()[:8]
    return f"attune-{cell[: LONGEST_NAME - 16]}-{digest}"


def build(name: str, nodes: Nodes, command: Sequence[str], owner: Document, environment: Mapping[str, str]) -> Document:
    """The TrainJob.

    Args:
        command: arguments of `attune`, whose paths every node can read.
        owner: a reference to the pod with which it shall vanish.
        environment: of the pod that makes it; what says where results come from is passed on.
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
    """`Complete` or `Failed` and the reason given; None while it goes on."""
    for condition in job.get("status", {}).get("conditions", []):
        if condition["type"] in ("Complete", "Failed") and condition["status"] == "True":
            return condition["type"], f"{condition['reason']}: {condition['message']}"
    return None
