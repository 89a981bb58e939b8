"""What the containers of a run said."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

from attune.errors import AttuneError
from pipelines.calls import Server, read
from pipelines.watching import get

EXECUTOR = "executor"


class Log(NamedTuple):
    """All that one pod said."""

    task: str
    pod: str
    text: str


def logs(server: Server, run_id: str, task: str | None = None) -> Iterator[Log]:
    """The logs of a run's pods, in the order they began; of one task, where it is named.

    Raises:
        AttuneError: no such run or task, refused, or no answer.
    """
    pods = list(_pods(get(server, run_id), task))
    if not pods:
        raise AttuneError(
            f"no pod of {task}" if task else "no pods yet",
            where=f"run {run_id}",
            remedy=f"See what there is with: attune pipeline status {run_id}",
        )
    for name, pod in pods:
        yield Log(name, pod, _text(server, run_id, pod))


def _pods(run: Any, task: str | None) -> Iterator[tuple[str, str]]:
    """Task and pod.

    Argo's nodes come as one flat list. The pod of a task is a node called `executor`, below that of the task; parents
    name their children by node id, which ends in the same number as the pod's name.
    """
    details = (run.run_details and run.run_details.task_details) or []
    parents = {_number(child.pod_name): detail for detail in details for child in detail.child_tasks or []}
    for detail in sorted(details, key=lambda detail: str(detail.start_time or detail.create_time)):
        if detail.pod_name and (detail.display_name or "").startswith(EXECUTOR) and not detail.child_tasks:
            name = _owner(detail, parents)
            if task is None or task == name:
                yield name, detail.pod_name


def _owner(detail: Any, parents: dict[str, Any]) -> str:
    for _ in range(len(parents) + 1):
        if not detail.display_name.startswith(EXECUTOR) or _number(detail.pod_name) not in parents:
            break
        detail = parents[_number(detail.pod_name)]
    return str(detail.display_name)


def _number(node: str | None) -> str:
    return (node or "").rsplit("-", 1)[-1]


def _text(server: Server, run_id: str, pod: str) -> str:
    """From the API server; where only the dashboard is in front, from it."""
    paths = (f"/apis/v1alpha1/runs/{run_id}/nodes/{pod}/log", f"/k8s/pod/logs?podname={quote(pod)}&runid={run_id}")
    try:
        return _download(server, paths[0], pod)
    except AttuneError as error:
        if "not found" not in error.what:
            raise
        namespace = f"&podnamespace={quote(server.namespace)}" if server.namespace else ""
        return _download(server, paths[1] + namespace, pod)


def _download(server: Server, path: str, pod: str) -> str:
    def request(**options: Any) -> Any:
        return server.client.call_api(
            path,
            "GET",
            header_params={"Accept": "text/plain"},
            auth_settings=["Bearer"],
            _preload_content=False,
            _return_http_data_only=True,
            **options,
        )

    return _without_error(bytes(read(server, f"log of {pod}", request).data).decode(errors="replace"))


def _without_error(text: str) -> str:
    """The server says 200 before it looks, and then what went wrong, most often that the pod is gone."""
    try:
        problem = json.loads(text)["error_message"]
    except (ValueError, KeyError, TypeError):
        return text
    return f"(no log: {' '.join(str(problem).split())})"
