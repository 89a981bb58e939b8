"""The logs of a run's containers: from Kubernetes while their pods exist, and from Kubeflow's server."""

import base64
import json
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from kfp_server_api import ApiException

from attune.errors import AttuneError
from pipelines.runs import tasks
from pipelines.runs.said import ours
from pipelines.runs.tasks import Task
from pipelines.runs.watching import get
from pipelines.server.calls import NO_ANSWER, Server, explained, read

PAUSE = 2.0
"""Seconds between polls of a log that only the server has."""


NONE = "(no log: "
"""Prefix of the line that replaces a missing log."""
LOST = "artifact not found"
"""The server's message if no log is archived."""


class Line(NamedTuple):
    """One line of a task's log."""

    task: str
    text: str


def lines(
    server: Server, run_id: str, words: Sequence[str] = (), *, raw: bool = False, follow: bool = False
) -> Iterator[Line]:
    """Yield the logs of a run's tasks, in the order of the graph and of their tries.

    Args:
        words: a step, and a system, a fold or both; by default the first task that failed, or else all.
        raw: include the lines of Kubeflow's launcher and Argo's executor.
        follow: wait for more until the container ends.

    Raises:
        AttuneError: no such run or task, no log yet, the server refused, or it does not answer.
    """
    run = get(server, run_id)
    chosen = _chosen(tasks.of(run), words)
    if not any(task.nodes for task in chosen):
        raise AttuneError(
            f"no log of {' '.join(words) or 'any task'}{_why_none(run, chosen)}",
            where=f"run {run_id}",
            remedy=f"See its state with: attune pipeline status {run_id}",
        )
    for task in chosen:
        for number, node in enumerate(task.nodes):
            name = task.name if len(task.nodes) == 1 else f"{task.name} (try {number + 1})"
            said = _following(server, run_id, node) if follow else iter(text(server, run_id, node).splitlines())
            yield from (Line(name, line) for line in (said if raw else ours(said)))


def _why_none(run: Any, chosen: list[Task]) -> str:
    if chosen and all(task.state == tasks.CACHED for task in chosen):
        return ": nothing ran, an earlier run's results were reused"
    return "" if run.state in tasks.ENDED else " yet"


def text(server: Server, run_id: str, node: str) -> str:
    """Return the whole log of one node's container, including lines of the machinery.

    The server sends the log of a pod, or the archived one; if both are gone, one line says so.
    """
    if (pod := _pod(server, run_id, node)) and (said := "\n".join(server.cluster.log(pod))):  # type: ignore[union-attr]
        return said
    live = _download(server, f"/apis/v1alpha1/runs/{run_id}/nodes/{node}/log", node)
    if (problem := _problem(live)) is None:
        return live
    archived = _download(server, f"/apis/v2beta1/runs/{run_id}/nodes/{node}/artifacts/main-logs:read", node)
    if (late := _problem(archived)) is not None:
        gone = LOST in late
        return f"{NONE}{'the pod has not begun or is gone, and no log is archived' if gone else late or problem})"
    return _decoded(archived)


def _chosen(all_tasks: list[Task], words: Sequence[str]) -> list[Task]:
    if words:
        return tasks.chosen(all_tasks, words)
    failed = tasks.failures(all_tasks)
    return failed[:1] or all_tasks


def _following(server: Server, run_id: str, node: str) -> Iterator[str]:
    """Yield the log lines of a container as they arrive, until it ends.

    A stream may break off before, as load balancers end what is silent for minutes; the rest is then read in looks.
    """
    told = 0
    while True:
        over = _is_over(server, run_id, node)
        if not told and (pod := _pod(server, run_id, node)):
            for line in server.cluster.log(pod, follow=True):  # type: ignore[union-attr]
                told += 1
                yield line
        said = text(server, run_id, node)
        unsaid = not said or (said.startswith(NONE) and (told or not over))  # its pod may still start
        known = [] if unsaid else said.removesuffix("\n").split("\n")
        yield from known[told:]
        told = max(told, len(known))
        if over:
            return
        time.sleep(PAUSE)


def _is_over(server: Server, run_id: str, node: str) -> bool:
    found = tasks.of(get(server, run_id))
    return any(node in task.nodes and (task.state != tasks.RUNNING or node != task.nodes[-1]) for task in found)


def _pod(server: Server, run_id: str, node: str) -> str | None:
    if server.cluster is None:
        return None
    return next((pod.name for pod in server.cluster.pods(run_id) if pod.node_id == node), None)


def _download(server: Server, path: str, node: str) -> str:
    def request(**options: Any) -> Any:
        return server.client.call_api(
            path,
            "GET",
            header_params={"Accept": "*/*"},
            auth_settings=["Bearer"],
            _preload_content=False,
            _return_http_data_only=True,
            **options,
        )

    try:
        answer = read(server, f"log of {node}", request)
    except AttuneError as error:
        if "not found" not in error.what:
            raise
        return json.dumps({"error_message": error.what.partition("not found ")[2].strip("()")})
    if "html" in (kind := answer.headers.get("content-type", "")):  # a proxy in front of the server wants a login
        page = ApiException(status=answer.status, reason=f"{kind} {NO_ANSWER}")
        raise explained(page, f"log of {node}", server.host)
    return bytes(answer.data).decode(errors="replace")


def _problem(answer: str) -> str | None:
    """Return the error in an answer: the server sends status 200 first, then an error, usually that the pod is gone."""
    try:
        return " ".join(str(json.loads(answer)["error_message"]).split())
    except (ValueError, KeyError, TypeError):
        return None


def _decoded(answer: str) -> str:
    try:
        return base64.b64decode(json.loads(answer)["data"]).decode(errors="replace")
    except (ValueError, KeyError, TypeError):
        return answer
