"""What a pipeline needs to find in its namespace, looked for before anything is submitted."""

from typing import Any, NamedTuple

import yaml

from attune.errors import AttuneError
from pipelines.calls import Server
from pipelines.package import Package

KINDS = {
    "service_account": "service account",
    "config_map": "config map",
    "secret": "secret",
    "persistent_volume_claim": "volume claim",
}


class Need(NamedTuple):
    """An object without which a pod does not start."""

    kind: str
    name: str


def of(package: Package, service_account: str | None) -> list[Need]:
    """What the pods of a compiled pipeline name and may not lack."""
    found = {Need("service_account", service_account)} if service_account else set()
    for one in _platforms(package):
        found |= {Need("config_map", held["configMapName"]) for held in _required(one, "configMapAsEnv")}
        found |= {Need("secret", held["secretName"]) for held in _required(one, "secretAsEnv")}
        found |= {Need("secret", held["secretName"]) for held in one.get("imagePullSecret", [])}
        found |= {Need("persistent_volume_claim", held["constant"]) for held in one.get("pvcMount", [])}
    return sorted(found)


def check(server: Server, needs: list[Need]) -> None:
    """Refuse what could not start; what nobody may look for is believed to be there.

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
            remedy="Make what a namespace needs once: kubectl apply --kustomize deploy/overlays/... "
            "(deploy/README.md), or name what there is.",
        )


def _platforms(package: Package) -> list[dict[str, Any]]:
    _, *platform = yaml.load_all(package.text, Loader=yaml.CSafeLoader)
    executors = platform[0]["platforms"]["kubernetes"]["deploymentSpec"]["executors"] if platform else {}
    return list(executors.values())


def _required(executor: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [source for source in executor.get(kind, []) if not source.get("optional")]
