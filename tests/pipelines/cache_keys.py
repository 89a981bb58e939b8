"""What Kubeflow's cache compares of every task of a run (backend/src/v2/cacheutils/cache.go): parameters, artifacts by
identity, raw arguments, the image, and names of claims. An artifact is here what it was made by.
"""

import hashlib
import json
from typing import Any

Key = str
Keys = dict[tuple[str, str], Key]


def keys(spec: dict[str, Any], platform: dict[str, Any], arguments: dict[str, Any], data: str = "") -> Keys:
    """By task and cell, `system fold` or empty.

    Args:
        data: what the task `data-version` finds.
    """
    given = spec["root"]["inputDefinitions"]["parameters"]
    values = {name: arguments.get(name, about.get("defaultValue")) for name, about in given.items()}
    kubernetes = platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    found: Keys = {}
    _walk(spec, kubernetes, spec["root"], values, "", data, found)
    return found


def _walk(spec, kubernetes, component, inputs, cell, data, found) -> dict[str, Any]:
    """What the outputs of every task of a component are, by task; dags give their inner tasks' outputs by cell."""
    tasks, made = component["dag"]["tasks"], {}
    waiting = dict(tasks)
    while waiting:
        for name in [name for name, task in waiting.items() if not set(_producers(task)) & set(waiting)]:
            task = waiting.pop(name)
            own = spec["components"][task["componentRef"]["name"]]
            if "dag" not in own:
                made[name] = _key(spec, kubernetes, task, own, inputs, made, data)
                found[name, cell] = made[name]
            elif "parameterIterator" in task:
                given, item = _inputs(task, inputs, made, data), task["parameterIterator"]["itemInput"]
                cells = inputs[task["parameterIterator"]["items"]["inputParameter"]]
                made[name] = []
                for one in cells:
                    at = f"{one['system']} {one['fold']}"
                    inner = _walk(spec, kubernetes, own, {**given, item: one}, at, data, found)
                    made[name].append({**inner, "outputs": own["dag"].get("outputs", {}).get("artifacts", {})})
            else:
                made[name] = _walk(spec, kubernetes, own, _inputs(task, inputs, made, data), cell, data, found)
    return made


def _producers(task) -> list[str]:
    held = [
        *task.get("inputs", {}).get("parameters", {}).values(),
        *task.get("inputs", {}).get("artifacts", {}).values(),
    ]
    return [
        value[kind]["producerTask"] for value in held for kind in ("taskOutputParameter", "taskOutputArtifact")
        if kind in value
    ]  # fmt: skip


def _inputs(task, inputs, made, data) -> dict[str, Any]:
    own = task.get("inputs", {})
    return {
        name: _value(value, inputs, made, data)
        for kind in ("parameters", "artifacts")
        for name, value in own.get(kind, {}).items()
    }


def _value(value, inputs, made, data) -> Any:
    if "runtimeValue" in value:
        return value["runtimeValue"]["constant"]
    if "taskFinalStatus" in value:
        return "status"
    for kind in ("componentInputParameter", "componentInputArtifact"):
        if kind in value:
            chosen = inputs[value[kind]]
            selector = value.get("parameterExpressionSelector")
            return chosen[selector.split('"')[1]] if selector else chosen
    if "taskOutputParameter" in value:
        produced = value["taskOutputParameter"]
        return data if produced["producerTask"] == "data-version" else [made[produced["producerTask"]], "parameter"]
    produced = value["taskOutputArtifact"]
    maker, key = made[produced["producerTask"]], produced["outputArtifactKey"]
    if not isinstance(maker, list):
        return [maker, key]
    return [[one[_selected(one, key)["producerSubtask"]], _selected(one, key)["outputArtifactKey"]] for one in maker]


def _selected(one, key) -> dict[str, str]:
    return one["outputs"][key]["artifactSelectors"][0]


def _key(spec, kubernetes, task, own, inputs, made, data) -> Key:
    label = own["executorLabel"]
    container = spec["deploymentSpec"]["executors"][label]["container"]
    claims = sorted(mount["constant"] for mount in kubernetes.get(label, {}).get("pvcMount", []))
    held = [_inputs(task, inputs, made, data), container["args"], container["image"], claims]
    return hashlib.sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()
