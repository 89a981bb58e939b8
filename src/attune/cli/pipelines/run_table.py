"""A pipeline run as people read it: a table of steps and cells, or one line for each change."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from attune.visible import visible

if TYPE_CHECKING:
    from rich.table import Table

    from pipelines.runs.tasks import Task
    from pipelines.runs.watching import Look

COLOURS = {"done": "green", "cached": "green", "failed": "red", "running": "yellow"}


def table(look: "Look") -> "Table":
    """Steps and cells with state, tries and time."""
    from rich.table import Table

    shown = Table("step", "cell", "state", "tries", "time", box=None, pad_edge=False)
    for task in look.tasks:
        tries = str(len(task.nodes)) if len(task.nodes) > 1 else ""
        shown.add_row(task.step, task.cell, state(task, look.stuck), tries, _time(task), style=COLOURS.get(task.state))
    return shown


def printed(look: "Look") -> str:
    """The table as plain text, at the width it needs."""
    from attune.terminal import Console

    console = Console(width=200, color_system=None, highlight=False)
    with console.capture() as captured:
        console.print(table(look))
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def state(task: "Task", stuck: dict[str, str]) -> str:
    """A task's state, with what keeps it from starting or broke it off."""
    why = next((stuck[name] for name in _names(task) if name in stuck), None)
    if why is None:
        return task.state
    between = {"running": ", cannot start: ", "waiting": ", cannot start: ", "failed": ": "}.get(task.state)
    return task.state if between is None else f"{task.state}{between}{why}"


def elsewhere(look: "Look") -> dict[str, str]:
    """What is stuck and is no task: plumbing, or the run itself."""
    told = {name for task in look.tasks for name in _names(task)}
    return {name: why for name, why in look.stuck.items() if name not in told}


def _names(task: "Task") -> tuple[str, str]:
    """The task's own and its driver's."""
    return task.name, f"{task.step}-driver {task.cell}".strip()


def as_json(look: "Look", page: str) -> dict[str, Any]:
    """The same for programs."""
    return {
        **{"run": look.run.run_id, "name": look.run.display_name, "state": look.state, "page": page},
        "tasks": [
            {
                **{"step": task.step, "cell": task.cell or None, "state": task.state, "tries": len(task.nodes)},
                **{"started": _moment(task.started), "ended": _moment(task.ended)},
                "cannot_start": look.stuck.get(task.name),
            }
            for task in look.tasks
        ],
    }


class Changes:
    """Prints one line for each change of state; tells waiting from beginning once."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.told: set[tuple[str, str]] = set()

    def __call__(self, look: "Look") -> None:
        for name, now in self._states(look):
            again = "cannot start" in now and (name, now) in self.told  # Kubernetes changes between two reasons
            if self.known.get(name, "waiting") != now and not again:
                click.echo(visible(f"{name}: {now}"))
            self.known[name] = now
            self.told.add((name, now))

    def _states(self, look: "Look") -> Iterator[tuple[str, str]]:
        for task in look.tasks:
            yield task.name, f"{state(task, look.stuck)}{_took(task)}"
        yield from ((name, f"cannot start: {why}") for name, why in elsewhere(look).items())
        yield "run", look.state


@contextmanager
def shown_live() -> Iterator[Any]:
    """What to call with every look: a live table on a terminal, lines elsewhere."""
    if not sys.stdout.isatty():
        yield Changes()
        return
    from rich.live import Live

    with Live(refresh_per_second=2) as live:
        yield lambda look: live.update(table(look))


def _took(task: "Task") -> str:
    if task.state not in ("done", "failed") or task.started is None or task.ended is None:
        return ""
    return f" in {_duration((task.ended - task.started).total_seconds())}"


def _time(task: "Task") -> str:
    if task.started is None or task.state in ("cached", "left out"):
        return ""
    if task.state == "running":
        return f"since {task.started:%H:%M:%S} UTC, {_duration((datetime.now(UTC) - task.started).total_seconds())}"
    return _took(task).strip()


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
