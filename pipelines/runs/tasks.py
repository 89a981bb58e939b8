"""The steps and cells of a run with their states, from Kubeflow's list of Argo nodes, most of which are plumbing."""

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from attune.errors import AttuneError
from pipelines.runs import nodes

ORDER = (
    *("data-version", "corpus", "validate", "admit", "preprocess", "features", "train", "predict"),
    *("gather-models", "gather-predictions", "evaluate", "attention", "report", "gate", "register", "close", "score"),
)
"""Steps in display order; others come last."""
IN_LOOP = ("train", "predict")
UNEXPECTED = ("score", "data-version", "features", "gather-models", "gather-predictions")
"""Steps shown only once they start, since runs of another or older pipeline do not have them."""

WAITING, RUNNING, CACHED, DONE = "waiting", "running", "cached", "done"
FAILED, SKIPPED, CANCELLED = "failed", "skipped", "cancelled"

ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELED", "SKIPPED"})
"""Final states of a run."""


@dataclass(frozen=True)
class Task:
    """A step, or one cell of a step in the loop."""

    step: str
    cell: str
    """Such as `mtl-att session3`; empty outside the loop."""
    state: str
    started: datetime | None = None
    ended: datetime | None = None
    nodes: tuple[str, ...] = ()
    """Node ids of its tries, in order; empty if it never had a pod."""

    @property
    def name(self) -> str:
        """Its name for `attune pipeline logs`."""
        return f"{self.step} {self.cell}".strip()


def of(run: Any) -> list[Task]:
    """Return the tasks of a run, including those still waiting, in the order of the graph."""
    details = (run.run_details and run.run_details.task_details) or []
    cells = cell_names(run)
    listed = _listed(details)
    found = [_task(name, listed, cells) for name in nodes.names(details) if _is_task(name)]
    cancelled_at = _cancelled_at(run)
    there = [replace(one, state=CANCELLED) if _is_cut_off(one, cancelled_at) else one for one in found]
    known = {(task.step, task.cell) for task in there}
    otherwise = SKIPPED if run.state in ENDED else WAITING
    absent = [Task(*expected, otherwise) for expected in _expected(run, cells) if expected not in known]
    places = {cell: place for place, cell in enumerate(cells)}
    return sorted(there + absent, key=lambda task: (_place(task.step), task.step, places.get(task.cell, -1), task.cell))


def chosen(tasks: list[Task], words: Iterable[str]) -> list[Task]:
    """Return the tasks that the words select: a step, and a system, a fold, or both.

    Raises:
        AttuneError: there is no such task.
    """
    step, *cell = words
    found = [task for task in tasks if task.step == step and set(cell) <= set(task.cell.split())]
    if not found:
        raise AttuneError(f"no task {' '.join([step, *cell])!r}", where="TASK", remedy=_known(tasks))
    return found


def _known(tasks: list[Task]) -> str:
    """List the steps and cells of a run, each once rather than in every combination."""
    cells = ", ".join(dict.fromkeys(task.cell for task in tasks if task.cell))
    steps = ", ".join(dict.fromkeys(task.step for task in tasks)) or "no steps yet"
    return f"The run has {steps}{f'; cells: {cells}' if cells else ''}."


def failures(tasks: list[Task]) -> list[Task]:
    """Return the failed tasks, in the order in which they failed."""
    return sorted(
        (task for task in tasks if task.state == FAILED), key=lambda task: (str(task.ended), str(task.started))
    )


def state_of(run: Any) -> str:
    """Return a run's state in our terms: on the server, a terminated run ends as FAILED."""
    history = {entry.state for entry in run.state_history or []}
    if run.state == "CANCELED" or (run.state == "FAILED" and "CANCELING" in history):
        return CANCELLED
    words = {"PENDING": WAITING, "RUNNING": RUNNING, "SUCCEEDED": "succeeded", "CANCELING": "being cancelled"}
    words["RUNTIME_STATE_UNSPECIFIED"] = "in an unknown state"
    return words.get(run.state or "PENDING", str(run.state).lower())


def cell_names(run: Any) -> list[str]:
    """Return `system fold` of every cell, in the order of Argo's cell numbers."""
    given = (run.runtime_config and run.runtime_config.parameters) or {}
    cells: Any = given.get("cells")
    ours = isinstance(cells, list) and all(isinstance(one, dict) and {"system", "fold"} <= set(one) for one in cells)
    return [f"{one['system']} {one['fold']}" for one in cells] if ours else []


def cell_name(node: nodes.Node, cells: list[str]) -> str:
    """Return the name of a node's cell, or its number if the run's arguments do not name it."""
    if node.cell is None:
        return ""
    return cells[node.cell] if node.cell < len(cells) else f"cell {node.cell}"


def _cancelled_at(run: Any) -> datetime | None:
    moments = [_time(entry.update_time) for entry in run.state_history or [] if entry.state == "CANCELING"]
    return moments[0] if moments else None


def _is_cut_off(task: Task, cancelled_at: datetime | None) -> bool:
    """Whether a task ended because its run was cancelled: Argo marks such pods as failed."""
    return task.state == FAILED and cancelled_at is not None and (task.ended is None or task.ended >= cancelled_at)


def _is_task(name: str) -> bool:
    last = nodes.LAST.split(name)[-1]
    return "." in name and not nodes.ATTEMPT.search(last) and not nodes.PLUMBING.fullmatch(last)


class _Listed(NamedTuple):
    """A run's details by last name, and by the ids of their children."""

    workflow: str
    named: dict[str, list[Any]]
    above: dict[str, list[Any]]


def _listed(details: list[Any]) -> _Listed:
    named: dict[str, list[Any]] = defaultdict(list)
    above: dict[str, list[Any]] = defaultdict(list)
    for detail in details:
        named[detail.display_name].append(detail)
        for child in nodes.children(detail):
            above[child].append(detail)
    return _Listed(str(nodes.workflow_of(details)), named, above)


def _task(name: str, listed: _Listed, cells: list[str]) -> Task:
    node = nodes.parse(name)
    tries, own, driver = _tries(name, listed), _detail(name, listed), _detail(f"{name}-driver", listed)
    if driver is not None and driver.state == "FAILED":
        own, tries = driver, _attempts(f"{name}-driver", listed)
    state, started, ended = (own.state, _time(own.start_time), _time(own.end_time)) if own else (None, None, None)
    return Task(node.step, cell_name(node, cells), _state(state, bool(tries)), started, ended, tuple(tries))


def _state(state: str | None, ran: bool) -> str:
    if state == "SUCCEEDED":
        return DONE if ran else CACHED
    return {None: SKIPPED, "RUNNING": RUNNING, "PENDING": RUNNING, "SKIPPED": SKIPPED}.get(state, FAILED)


def _tries(name: str, listed: _Listed) -> list[str]:
    """Return the node ids of a task's tries."""
    return _attempts(f"{name}(0).{nodes.EXECUTOR}", listed) or _attempts(f"{name}.{nodes.EXECUTOR}", listed)


def _attempts(name: str, listed: _Listed) -> list[str]:
    """Return the ids of `name(0)`, `name(1)`, ...; without retries, of `name` itself, if it ran."""
    numbered = (nodes.node_id(listed.workflow, f"{name}({number})") for number in itertools.count())
    if found := list(itertools.takewhile(lambda one: one in listed.above, numbered)):
        return found
    last = nodes.LAST.split(name)[-1]
    ran = any(detail.state not in ("SKIPPED", None) for detail in listed.named.get(last, []))
    plain = nodes.node_id(listed.workflow, name)
    return [plain] if plain in listed.above and ran and f"{last}(0)" not in listed.named else []


def _detail(name: str, listed: _Listed) -> Any:
    """Find the detail of a node: it does not contain the node's own id, only its children's."""
    last = nodes.LAST.split(name)[-1]
    same = listed.named.get(last, [])
    if len(same) == 1:
        return same[0]
    below = [nodes.node_id(listed.workflow, f"{name}{child}") for child in ("(0)", ".executor")]
    above = [detail for child in below for detail in listed.above.get(child, [])]
    return next((detail for detail in above if detail.display_name == last), None)


def _expected(run: Any, cells: list[str]) -> list[tuple[str, str]]:
    if not cells:
        return []
    steps = [step for step in ORDER if step not in UNEXPECTED]
    return [(step, cell) for step in steps for cell in (cells if step in IN_LOOP else [""])]


def _place(step: str) -> int:
    return ORDER.index(step) if step in ORDER else len(ORDER)


def _time(moment: Any) -> datetime | None:
    """Convert a time to UTC; None for the server's year 1 or 1970, which mean no time."""
    return None if moment is None or moment.astimezone(UTC).year < 2000 else moment.astimezone(UTC)
