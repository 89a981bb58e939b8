"""Why a run failed: the first task that failed, and its last message; or why it never started."""

import re
from typing import Any

from attune.errors import AttuneError
from pipelines.runs import logs, tasks
from pipelines.runs.said import last_complaint, last_words
from pipelines.runs.stuck import stuck
from pipelines.server.calls import Server

GONE = re.compile(r"failed to (download|get) .*(artifact|bucket).*(NoSuchKey|NotFound|404|does not exist)", re.I)
"""The message of Kubeflow's launcher if an input from an earlier run no longer exists."""


def check_success(server: Server, run: Any) -> None:
    """Check that a run that has ended succeeded.

    Raises:
        AttuneError: it did not; the message says where and why.
    """
    if run.state == "SUCCEEDED":
        return
    ended = tasks.state_of(run)
    if ended == tasks.CANCELLED:
        raise AttuneError(f"run {run.run_id} was cancelled", where=server.page(run.run_id))
    told = reason(server, run)
    raise AttuneError(
        f"run {run.run_id} {ended}{f': {told}' if told else ''}",
        where=server.page(run.run_id),
        remedy=f"Read the whole log: attune pipeline logs {run.run_id}",
    )


def reason(server: Server, run: Any) -> str:
    """Return `train mtl-att session3: its last message`, and how many tasks were skipped; empty if unknown."""
    all_tasks = tasks.of(run)
    failed = tasks.failures(all_tasks)
    if not failed:
        return "; ".join(f"{task}: {why}" for task, why in stuck(server, run).items()) or _server_says(run)
    first, *others = failed
    left = sum(task.state == tasks.SKIPPED for task in all_tasks)
    more = [f"{len(others)} more failed"] if others else []
    more += [f"{left} were skipped"] if left else []
    said, unread = _said(server, run.run_id, first)
    why = said or _noted(server, run, first) or unread
    if GONE.search(why):
        why += ": a cached artifact is gone from the store; submit with --no-cache"
    count = f" ({', '.join(more)})" if more else ""
    return f"{first.name}: {why or 'no output'}{count}"


def _said(server: Server, run_id: str, task: tasks.Task) -> tuple[str, str]:
    """Return the last message of a task's last try, or why it is unreadable; both empty if its code printed nothing."""
    if not task.nodes:
        return "", ""
    try:
        said = logs.text(server, run_id, task.nodes[-1])
    except AttuneError as error:
        return "", f"the reason is in its log, which cannot be read ({error.what})"
    return "" if said.startswith(logs.NONE) else last_words(said) or last_complaint(said), ""


def _noted(server: Server, run: Any, task: tasks.Task) -> str:
    known = stuck(server, run)
    return known.get(task.name) or known.get(f"{task.step}-driver {task.cell}".strip(), "")


def _server_says(run: Any) -> str:
    return str(run.error.message) if run.error is not None and run.error.message else ""
