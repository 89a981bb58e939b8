"""How the table of a run looks: on screens of any size, with any names, at any time."""

import os
import pty
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace as Thing

import pytest
from rich.console import Console

from attune.cli.pipelines import run_table
from pipelines.runs.tasks import Task

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
CELLS = [f"mtl-att session{number}" for number in range(1, 41)]


def look(*tasks, **stuck):
    return Thing(tasks=list(tasks), stuck=stuck, state="running")


def on_a_screen(seen, columns, lines):
    console = Console(width=columns, height=lines, color_system=None)
    with console.capture() as captured:
        console.print(run_table.on_a_screen(seen, console))
    return [line.rstrip() for line in captured.get().splitlines()]


def test_a_screen_that_is_too_small_shows_what_goes_on_and_counts_the_rest():
    states = ["done"] * 30 + ["running", "failed"] + ["waiting"] * 8
    seen = look(*(Task("train", cell, state) for cell, state in zip(CELLS, states, strict=True)))
    lines = on_a_screen(seen, 80, 10)
    assert len(lines) < 10
    assert [line.split()[3] for line in lines[1:-1]].count("done") == 5
    assert len(on_a_screen(seen, 24, 10)) < 10
    assert any("session31" in line and "running" in line for line in lines)
    assert any("session32" in line and "failed" in line for line in lines)
    assert lines[-1] == "and 25 done, 8 waiting"
    assert len(on_a_screen(seen, 80, 60)) == 41


def test_what_keeps_the_whole_run_from_starting_is_on_the_screen():
    lines = on_a_screen(look(Task("corpus", "", "waiting"), run="serviceaccount [nobody] not found"), 80, 24)
    assert lines[-1] == "run cannot start: serviceaccount [nobody] not found"


@pytest.mark.parametrize("name", ["[red]x[/red]", ":smile:", "a\x1b[31m\u202eb", "[/]", "two\nlines"])
def test_names_and_reasons_are_no_markup(name):
    shown = run_table.printed(look(Task("corpus", name, "running"), **{f"corpus {name}": name}))
    assert shown.count(name.replace("\x1b", "\\x1b").replace("\u202e", "\\u202e").replace("\n", "\\n")) == 3


def test_a_long_reason_stands_below_the_table_in_one_piece():
    reason = "Unschedulable: " + "0/2 nodes are available. " * 20 + "end"
    lines = run_table.printed(look(Task("corpus", "", "running"), corpus=reason)).splitlines()
    assert lines[1].split() == ["corpus", "running,", "cannot", "start"]
    assert lines[2] == f"corpus: running, cannot start: {reason}"


@pytest.mark.parametrize(
    ("ago", "shown"),
    [
        ({"seconds": -20}, "0 s"),
        ({"seconds": 59}, "59 s"),
        ({"minutes": 2, "seconds": 3}, "2 min 03 s"),
        ({"hours": 5, "minutes": 4}, "5 h 04 min"),
        ({"days": 26, "hours": 3}, "26 d 03 h"),
    ],
)
def test_how_long_a_step_runs_is_told_in_two_units_and_of_another_day_the_date(ago, shown):
    began = NOW - timedelta(**ago)
    told = run_table.since(began, NOW)
    assert told.endswith(f" UTC, {shown}")
    assert (f"{began:%Y-%m-%d}" in told) == ("days" in ago)


def test_a_second_try_is_told_while_it_runs(capsys):
    changes = run_table.Changes()
    for nodes in (("a",), ("a", "b"), ("a", "b")):
        changes(look(Task("corpus", "", "running", nodes=nodes)))
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["corpus: running", "run: running", "corpus: running (try 2)"]


def test_what_is_left_on_a_terminal_is_the_whole_table(monkeypatch):
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        monkeypatch.setattr("rich.console.Console.size", Thing(width=80, height=8))
        with run_table.shown_live() as tell:
            tell(look(*(Task("train", cell, "done") for cell in CELLS[:12])))
    text = b""
    with suppress(OSError):  # EIO is the end of what a closed terminal has; one read may give only a part
        while part := os.read(ours, 65536):
            text += part
    os.close(ours)
    text = text.decode()
    assert text.rindex("session12") > text.rindex("and ")
