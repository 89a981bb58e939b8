"""Kubernetes objects held against the types of two releases, as `recorded/` has them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parent / "recorded"
RELEASES = tuple(sorted(path.stem.removeprefix("kubernetes-") for path in RECORDED.glob("kubernetes-*.json")))
TYPES = {release: json.loads((RECORDED / f"kubernetes-{release}.json").read_text())["types"] for release in RELEASES}
PLAIN = {"str": str, "int": int, "bool": bool, "object": object, "datetime": str}
LIST, MAPPING = re.compile(r"list\[(.+)\]"), re.compile(r"dict\(str, (.+)\)")
RUNTIME = ("trainer.kubeflow.org/v1alpha1", "TrainingRuntime")
"""Has a schema of its own (tests/kubeflow/trainer_crds.py), but for its pods, which are Kubernetes'."""


def faults(document: dict[str, Any], release: str = RELEASES[-1]) -> list[str]:
    """What an API server of that release would refuse: an unknown kind or field, a wrong type, one that is missing."""
    version, kind = document["apiVersion"], document["kind"]
    types = TYPES[release]
    if (version, kind) == RUNTIME:
        jobs = document["spec"]["template"]["spec"]["replicatedJobs"]
        pods = [job["template"]["spec"]["template"] for job in jobs]
        return [fault for pod in pods for fault in _value(pod, "V1PodTemplateSpec", kind, types)]
    name = version.rpartition("/")[2].capitalize() + kind
    return list(_value(document, name, kind, types)) if name in types else [f"{version} {kind}: unknown kind"]


def _value(value: Any, kind: str, where: str, types: dict[str, Any]) -> Iterator[str]:
    if match := LIST.fullmatch(kind) or MAPPING.fullmatch(kind):
        if not isinstance(value, list if kind.startswith("list") else dict):
            yield f"{where}: {value!r} is not a {kind}"
            return
        items = enumerate(value) if isinstance(value, list) else value.items()
        for key, item in items:
            yield from _value(item, match[1], f"{where}[{key}]", types)
    elif kind in PLAIN:
        if not isinstance(value, PLAIN[kind]):
            yield f"{where}: {value!r} is not a {kind}"
    elif not isinstance(value, dict):
        yield f"{where}: {value!r} is not an object"
    else:
        fields = types[kind]["fields"]
        yield from (f"{where}.{key}: unknown field" for key in value if key not in fields)
        yield from (f"{where}.{key}: missing" for key in types[kind].get("required", []) if key not in value)
        for key, item in value.items():
            if key in fields:
                yield from _value(item, fields[key], f"{where}.{key}", types)
