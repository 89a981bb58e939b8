"""Names of Argo's nodes: the step and cell that a pod belongs to, and its node id in Kubeflow's server.

A name is a path, `WORKFLOW(0).root(0).exit-handler-1(0).for-loop-2(0).iteration-iterations(3:3)(0).iteration-item(0)
.train(0).executor(1)`: `(3:3)` is the cell's number, the last number the try. If the backend has no defaults for
retries (before 2.17), all but the last number are left out. A node's id is the workflow's name and the FNV-1a hash of
the node's name (argo-workflows, workflow/common/util.go); Kubeflow's server reports ids only.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

EXECUTOR = "executor"
ATTEMPT = re.compile(r"\((\d+)\)$")
LAST = re.compile(r"\.(?!onExit)")
ITERATIONS = "iteration-iterations"
ITERATION = re.compile(r"iteration-iterations\(\d+:.*\)")
CELL = re.compile(r"\.iteration-iterations\((\d+):")
PLUMBING = re.compile(r".*-driver|executor|root|for-loop-.*|iteration-.*|exit-handler-.*|condition-.*")
"""Last parts of the names of nodes that Kubeflow adds around the tasks of a graph."""
SEED, PRIME = 0x811C9DC5, 0x01000193


class Node(NamedTuple):
    """The parts of a node's name."""

    step: str
    cell: int | None
    """Number of the cell, in the order of the pipeline's `cells`; None outside the loop."""
    attempt: int
    """Counted from 0."""


def parse(name: str) -> Node:
    """Parse the step, cell and try from the name of a node that runs a step's container."""
    tried, cell = ATTEMPT.search(name), CELL.search(name)
    path = ATTEMPT.sub("", ATTEMPT.sub("", name).removesuffix(f".{EXECUTOR}"))
    return Node(path.rsplit(".", 1)[-1], int(cell[1]) if cell else None, int(tried[1]) if tried else 0)


def without_attempt(name: str) -> str:
    """Return a node's name without the number of the try."""
    return ATTEMPT.sub("", name)


def node_id(workflow: str, name: str) -> str:
    """Return the id of a node in Kubeflow's server."""
    return f"{workflow}-{_hash(name)}"


def workflow_of(details: Iterable[Any]) -> str | None:
    """Return the workflow behind a run's details; None before it has started."""
    return next((child.rsplit("-", 1)[0] for detail in details for child in children(detail)), None)


def children(detail: Any) -> list[str]:
    """Return the ids of the nodes listed as children of a detail."""
    return [child.pod_name for child in detail.child_tasks or [] if child.pod_name]


def names(details: list[Any]) -> set[str]:
    """Return the full names of a run's nodes.

    The server lists only last parts of names, and ids of children. Candidate names are composed from last parts, and
    exist if their hash is among the ids.
    """
    workflow = workflow_of(details)
    if workflow is None:
        return set()
    ids = {child.rsplit("-", 1)[-1] for detail in details for child in children(detail)}
    parts = _parts({detail.display_name for detail in details if detail.display_name})
    found, rest = {workflow}, [(workflow, _hash(workflow))]
    while rest:
        for name, value in _below(*rest.pop(), parts):
            if name not in found and str(value) in ids:
                found.add(name)
                rest.append((name, value))
    return found


class _Parts(NamedTuple):
    """Last parts of names: try numbers by the part before them, cells of a loop, and all others."""

    tries: dict[str, list[str]]
    cells: list[str]
    plain: list[str]


def _parts(names: set[str]) -> _Parts:
    tries: dict[str, list[str]] = {}
    for name in names:
        if tried := ATTEMPT.search(name):
            tries.setdefault(name.removesuffix(tried[0]), []).append(tried[0])
    once = [name for name in names if not ATTEMPT.search(name)]
    cells = [name for name in once if ITERATION.fullmatch(name)]
    return _Parts(tries, cells, [name for name in once if name not in set(cells)])


def _below(name: str, value: int, parts: _Parts) -> Iterator[tuple[str, int]]:
    """Yield possible names of nodes directly below a node, with their hashes."""
    first, *_, last = [*LAST.split(name), LAST.split(name)[-1]]
    bare = ATTEMPT.sub("", last)
    if last == bare:
        yield from ((name + tried, _hash(tried, value)) for tried in parts.tries.get(last, []))
    if bare.endswith("-driver") or bare == EXECUTOR:
        return
    if bare == ITERATIONS:
        around = name.removesuffix(last)
        yield from ((around + cell, _hash(around + cell)) for cell in parts.cells)
    plumbing = first == last or PLUMBING.fullmatch(bare)
    for part in parts.plain if plumbing else [EXECUTOR]:
        yield f"{name}.{part}", _hash(f".{part}", value)


def _hash(text: str, value: int = SEED) -> int:
    """Return the FNV-1a hash of a text, or continue from the hash of a prefix."""
    for byte in text.encode():
        value = ((value ^ byte) * PRIME) & 0xFFFFFFFF
    return value
