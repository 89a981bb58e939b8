"""A compiled pipeline as a graph: loops and the exit handler dissolved, what flows followed to its source."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

Edge = tuple[str, str]


@dataclass(frozen=True)
class Graph:
    """Steps by name, and which needs what another wrote."""

    steps: frozenset[str]
    edges: frozenset[Edge]
    after: frozenset[Edge]
    """Edges that carry nothing: one waits for the other."""


def documents(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The pipeline and the platform's part, parsed, to be changed as you like; without `sdkVersion`."""
    spec, *platform = copy.deepcopy(_parsed(text))
    del spec["sdkVersion"]
    return spec, platform[0] if platform else {}


@cache
def _parsed(text: str) -> list[dict[str, Any]]:
    return list(yaml.load_all(text, Loader=yaml.CSafeLoader))


def graph(spec: dict[str, Any]) -> Graph:
    """The graph of a parsed pipeline."""
    walk = list(_walk(spec, spec["root"], {}))
    return Graph(
        steps=frozenset(name for name, _, _ in walk),
        edges=frozenset((source, name) for name, sources, _ in walk for source in sources),
        after=frozenset((source, name) for name, _, waits in walk for source in waits),
    )


def _walk(spec: dict[str, Any], component: dict[str, Any], inputs: dict[str, str]) -> Iterator[tuple[str, set, set]]:
    """Every container task: its name, the steps whose outputs it takes, the steps it merely waits for.

    Args:
        inputs: the step behind each input of the component, where there is one.
    """
    tasks = component["dag"]["tasks"]
    for name, task in tasks.items():
        own = spec["components"][task["componentRef"]["name"]]
        given = task.get("inputs", {})
        sources = {
            key: source
            for kind in ("artifacts", "parameters")
            for key, value in given.get(kind, {}).items()
            if (source := _source(spec, tasks, inputs, value))
        }
        if "dag" in own:
            yield from _walk(spec, own, sources)
        else:
            waits = set(task.get("dependentTasks", [])) & set(tasks) - {"exit-handler-1"}
            containers = {wait for wait in waits if "dag" not in _component(spec, tasks, wait)}
            yield name, set(sources.values()), containers - set(sources.values())


def _component(spec: dict[str, Any], tasks: dict[str, Any], name: str) -> dict[str, Any]:
    return spec["components"][tasks[name]["componentRef"]["name"]]


def _source(spec: dict[str, Any], tasks: dict[str, Any], inputs: dict[str, str], value: dict[str, Any]) -> str | None:
    for kind in ("Artifact", "Parameter"):
        if f"componentInput{kind}" in value:
            return inputs.get(value[f"componentInput{kind}"])
        if f"taskOutput{kind}" in value:
            produced = value[f"taskOutput{kind}"]
            return _producer(spec, tasks, produced["producerTask"], produced[f"output{kind}Key"])
    return None


def _producer(spec: dict[str, Any], tasks: dict[str, Any], task: str, key: str) -> str:
    component = _component(spec, tasks, task)
    if "dag" not in component:
        return task
    (selector,) = component["dag"]["outputs"]["artifacts"][key]["artifactSelectors"]
    return _producer(spec, component["dag"]["tasks"], selector["producerSubtask"], selector["outputArtifactKey"])
