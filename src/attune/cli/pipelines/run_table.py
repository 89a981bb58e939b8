"""Show a pipeline run: as a table of steps and cells, or as one line per change."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from attune.visible import on_a_line

if TYPE_CHECKING:
    from rich.console import Console, Group
    from rich.table import Table

    from pipelines.runs.tasks import Task
    from pipelines.runs.watching import Look

WIDE = 200
"""Columns if the output is not a terminal."""
QUIET = frozenset({"waiting", "skipped", "done", "cached"})
"""States that need no attention."""
COLOURS = {"done": "green", "cached": "green", "failed": "red", "running": "yellow"}


def table(tasks: "list[Task]", stuck: dict[str, str]) -> "Table":
    """Return a table of steps and cells with state, tries and time."""
    from rich.table import Column, Table
    from rich.text import Text

    whole = [Column(name, no_wrap=True) for name in ("step", "cell")]
    shown = Table(*whole, "state", Column("tries", no_wrap=True), "time", box=None, pad_edge=False)
    for task in tasks:
        tries = str(len(task.nodes)) if len(task.nodes) > 1 else ""
        row = (task.step, task.cell, _word(task, stuck), tries, _time(task))
        shown.add_row(*(Text(on_a_line(text)) for text in row), style=COLOURS.get(task.state))  # no markup in them
    return shown


def printed(look: "Look") -> str:
    """Return the table as plain text, as wide as the terminal, followed by Kubernetes' messages."""
    from attune.terminal import Console

    console = Console(width=None if sys.stdout.isatty() else WIDE, color_system=None, highlight=False)
    with console.capture() as captured:
        console.print(table(look.tasks, look.stuck))
    rows = [line.rstrip() for line in captured.get().splitlines()]
    return "\n".join([*rows, *(on_a_line(note) for note in notes(look))])


def on_a_screen(look: "Look", console: "Console") -> "Group":
    """Return as much of the table as fits on the screen: running and failed tasks first, and counts of the others."""
    rows = min(len(look.tasks), console.height)
    while len(console.render_lines(shown := _first(look, rows))) >= console.height and rows > 1:  # rows may be wrapped
        rows -= 1
    return shown


def _first(look: "Look", rows: int) -> "Group":
    from rich.console import Group
    from rich.text import Text

    kept = sorted(look.tasks, key=lambda task: task.state in QUIET and task.name not in look.stuck)[:rows]
    hidden = Counter(task.state for task in look.tasks if task not in kept)
    counts = ", ".join(f"{count} {state}" for state, count in hidden.items())
    below = [f"and {counts}", *notes(look)] if counts else notes(look)
    shown = table([task for task in look.tasks if task in kept], look.stuck)
    return Group(shown, *(Text(on_a_line(note)) for note in below))


def state(task: "Task", stuck: dict[str, str]) -> str:
    """Return a task's state, with the reason why it cannot start or was aborted."""
    why = next((stuck[name] for name in _names(task) if name in stuck), None)
    if why is None:
        return task.state
    if _has_begun(why):
        return f"{task.state}, {why}" if task.state == "running" else task.state
    between = {"running": ", cannot start: ", "waiting": ", cannot start: ", "failed": ": "}.get(task.state)
    return task.state if between is None else f"{task.state}{between}{why}"


def _has_begun(why: str) -> bool:
    from pipelines.runs.cluster import LEAVING, LOST

    return why.startswith((LEAVING, LOST))


def notes(look: "Look") -> list[str]:
    """Return Kubernetes' messages about tasks, plumbing and the run itself, which are too long for a column."""
    told = {task.name: state(task, look.stuck) for task in look.tasks}
    known = [f"{task.name}: {told[task.name]}" for task in look.tasks if told[task.name] != task.state]
    return known + [f"{name} cannot start: {why}" for name, why in elsewhere(look).items()]


def _word(task: "Task", stuck: dict[str, str]) -> str:
    """Return the state in a few words."""
    return state(task, stuck).partition(": ")[0]


def elsewhere(look: "Look") -> dict[str, str]:
    """Return what is stuck and is not a task: plumbing, or the run itself."""
    told = {name for task in look.tasks for name in _names(task)}
    return {name: why for name, why in look.stuck.items() if name not in told}


def _names(task: "Task") -> tuple[str, str]:
    """Return the names of the task and of its driver."""
    return task.name, f"{task.step}-driver {task.cell}".strip()


def as_json(look: "Look", page: str) -> dict[str, Any]:
    """Return the run and its tasks for JSON."""
    return {
        **{"run": look.run.run_id, "name": look.run.display_name, "state": look.state, "page": page},
        "tasks": [
            {
                **{"step": task.step, "cell": task.cell or None, "state": task.state, "tries": len(task.nodes)},
                **{"started": moment(task.started), "ended": moment(task.ended)},
                "cannot_start": None if _has_begun(why := look.stuck.get(task.name, "")) else why or None,
            }
            for task in look.tasks
        ],
    }


class Changes:
    """Prints one line per change of state, and each reason why a task cannot start only once."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.told: set[tuple[str, str]] = set()

    def __call__(self, look: "Look") -> None:
        for name, now in self._states(look):
            again = "cannot start" in now and (name, now) in self.told  # Kubernetes alternates between two reasons
            if self.known.get(name, "waiting") != now and not again:
                click.echo(on_a_line(f"{name}: {now}"))
            self.known[name] = now
            self.told.add((name, now))

    def _states(self, look: "Look") -> Iterator[tuple[str, str]]:
        for task in look.tasks:
            again = f" (try {len(task.nodes)})" if task.state == "running" and len(task.nodes) > 1 else ""
            yield task.name, f"{state(task, look.stuck)}{again}{_took(task)}"
        yield from ((name, f"cannot start: {why}") for name, why in elsewhere(look).items())
        yield "run", look.state


@contextmanager
def shown_live() -> Iterator[Any]:
    """Yield a function to call with every look: a live table on a terminal, lines elsewhere."""
    if not sys.stdout.isatty():
        yield Changes()
        return
    from rich.live import Live

    from attune.terminal import Console

    console, last = Console(), list["Look"]()

    def tell(look: "Look") -> None:
        last[:] = [look]
        live.update(on_a_screen(look, console))

    try:
        with Live(console=console, refresh_per_second=2, transient=True) as live:
            yield tell
    finally:
        if last:
            click.echo(f"{printed(last[0])}\nrun: {last[0].state}")


def _took(task: "Task") -> str:
    if task.state not in ("done", "failed") or task.started is None or task.ended is None:
        return ""
    return f" in {_duration((task.ended - task.started).total_seconds())}"


def _time(task: "Task") -> str:
    if task.started is None or task.state in ("cached", "skipped"):
        return ""
    if task.state == "running":
        return since(task.started, datetime.now(UTC))
    return _took(task).strip()


def since(started: datetime, now: datetime) -> str:
    """Return when something started and how long ago; with the date if it was not today."""
    day = "" if started.date() == now.date() else f"{started:%Y-%m-%d} "
    return f"since {day}{started:%H:%M:%S} UTC, {_duration((now - started).total_seconds())}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(max(int(seconds), 0), 60)  # clocks differ
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours:02} h"
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def moment(moment: datetime | None) -> str | None:
    """Format a time for JSON."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
