"""Find tasks whose pod cannot start, was refused, was aborted or is being removed, with Kubernetes' own messages."""

from typing import Any

from pipelines.runs import nodes, tasks
from pipelines.server.calls import Server


def stuck(server: Server, run: Any) -> dict[str, str]:
    """Return Kubernetes' reason by task, such as `train mtl-att session3`, of its last try; empty if not permitted."""
    if server.cluster is None:
        return {}
    cells = tasks.cell_names(run)
    pods = {_name(pod.node, cells): pod for pod in server.cluster.pods(run.run_id)}  # later tries replace earlier ones
    found = {name: pod.trouble for name, pod in pods.items() if pod.phase != "Succeeded"}
    silent = [pods[name].name for name, trouble in found.items() if not trouble and pods[name].phase == "Pending"]
    warned = server.cluster.warnings() if silent else {}
    found = {name: trouble or warned.get(pods[name].name, "") for name, trouble in found.items()}
    for node, message in server.cluster.messages(run.run_id).items():  # a pod that was refused has no other trace
        name = _name(nodes.parse(node), cells) if node else "run"
        if name not in pods:
            found[name] = message
    return {name: trouble for name, trouble in found.items() if trouble}


def _name(node: nodes.Node, cells: list[str]) -> str:
    return f"{node.step} {tasks.cell_name(node, cells)}".strip()
