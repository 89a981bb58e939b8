"""Which pods of a run cannot start, or were refused, and Kubernetes' own words for why."""

from typing import Any

from pipelines.runs import nodes, tasks
from pipelines.server.calls import Server


def stuck(server: Server, run: Any) -> dict[str, str]:
    """Kubernetes' reason by task, such as `train mtl-att session3`; empty for who may not look."""
    if server.cluster is None:
        return {}
    cells = tasks.cell_names(run)
    found = {
        _name(pod.node, cells): pod.trouble
        for pod in server.cluster.pods(run.run_id)
        if pod.trouble and pod.phase in ("Pending", "Failed")
    }
    for name, message in server.cluster.messages(run.run_id).items():
        found.setdefault(_name(nodes.parse(name), cells) if name else "run", " ".join(message.split()))
    return found


def _name(node: nodes.Node, cells: list[str]) -> str:
    return f"{node.step} {tasks.cell_name(node, cells)}".strip()
