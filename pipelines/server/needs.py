"""Objects that a pipeline needs in its namespace, checked before anything is submitted."""

from typing import Any, NamedTuple

import yaml

from attune.errors import AttuneError
from pipelines.package import Package
from pipelines.server.calls import Server

KINDS = {
    "service_account": "service account",
    "config_map": "config map",
    "secret": "secret",
    "persistent_volume_claim": "volume claim",
    "training_runtime": "TrainingRuntime of Kubeflow Trainer called",
}


class Need(NamedTuple):
    """An object without which a pod cannot start."""

    kind: str
    name: str


def of(package: Package, service_account: str | None) -> list[Need]:
    """Return the objects that the pods of a compiled pipeline require."""
    spec, executors = _parts(package)
    found = {Need("service_account", service_account)} if service_account else set()
    found |= {Need("training_runtime", name) for name in _runtimes(spec)}
    for one in executors:
        found |= {Need("config_map", held["configMapName"]) for held in _required(one, "configMapAsEnv")}
        found |= {Need("secret", held["secretName"]) for held in _required(one, "secretAsEnv")}
        found |= {Need("secret", held["secretName"]) for held in one.get("imagePullSecret", [])}
        found |= {Need("persistent_volume_claim", held["constant"]) for held in one.get("pvcMount", [])}
    return sorted(found)


def check(server: Server, needs: list[Need]) -> None:
    """Refuse a pipeline that could not start; objects that cannot be checked are assumed to exist.

    Raises:
        AttuneError: something is missing; the message names all of it.
    """
    if server.cluster is None:
        return
    missing = [f"no {KINDS[need.kind]} {need.name}" for need in needs if server.cluster.has(*need) is False]
    if missing:
        raise AttuneError(
            f"there is {' and '.join(missing)}",
            where=f"namespace {server.cluster.namespace}",
            remedy="Create what the namespace needs once: kubectl apply --kustomize deploy/overlays/... "
            "(deploy/README.md), or name what there is.",
        )


def _parts(package: Package) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    spec, *platform = yaml.load_all(package.text, Loader=yaml.CSafeLoader)
    executors = platform[0]["platforms"]["kubernetes"]["deploymentSpec"]["executors"] if platform else {}
    return spec, list(executors.values())


def _runtimes(spec: dict[str, Any]) -> set[str]:
    """Return the runtimes of training on several nodes (components/train_on_nodes.py)."""
    tasks = [task for one in spec["components"].values() for task in one.get("dag", {}).get("tasks", {}).values()]
    given = [task.get("inputs", {}).get("parameters", {}).get("runtime", {}) for task in tasks]
    return {value["runtimeValue"]["constant"] for value in given if "runtimeValue" in value}


def _required(executor: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [source for source in executor.get(kind, []) if not source.get("optional")]
