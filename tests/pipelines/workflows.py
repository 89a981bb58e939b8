"""Runs as Argo and Kubeflow 2.17 describe them: the server's task details, the pods, and the Workflow.

Made of what happened to each task; `test_answers.py` holds them against what a real server said of the same run.
"""

from dataclasses import dataclass, field

from pipelines.runs.nodes import node_id

WORKFLOW = "attune-training-abcde"
STEPS = {
    "corpus": [],
    "validate": ["corpus"],
    "admit": ["validate"],
    "preprocess": ["corpus", "validate", "admit"],
    "for-loop-2": ["validate", "preprocess"],
    "evaluate": ["validate", "for-loop-2"],
    "attention": ["corpus", "validate", "preprocess", "for-loop-2"],
    "report": ["corpus", "validate", "preprocess", "for-loop-2", "evaluate", "attention"],
    "gate": ["evaluate"],
    "register": ["for-loop-2", "evaluate", "attention", "report", "gate"],
}
"""Of the pipeline that was recorded: each task, and what it waits for."""
LOOP = {"train": [], "predict": ["train"]}
STATES = {"done": "SUCCEEDED", "cached": "SUCCEEDED", "failed": "FAILED", "running": "RUNNING", "skipped": None}


@dataclass
class Workflow:
    """A run: `happened` to each step, `train 3` for a cell; what is not named has not begun."""

    happened: dict[str, str]
    tries: dict[str, int] = field(default_factory=dict)
    name: str = WORKFLOW
    steps: dict[str, list[str]] = field(default_factory=lambda: STEPS)
    cells: int = 4
    run: str = "run-0"

    def __post_init__(self):
        self.details, self.pods, self.clock = [], [], 0
        self._whole()

    def _whole(self):
        top = f"{self.name}(0)"
        inside = f"{top}.root(0).exit-handler-1"
        self._node(self.name, [top])
        self._node(top, [f"{top}.root-driver"], pod=False)
        self._driver(f"{top}.root", [f"{top}.root"])
        self._node(f"{top}.root", [f"{top}.root(0)"])
        self._node(f"{top}.root(0)", [f"{top}.root(0).exit-handler-1-driver"], pod=False)
        self._driver(inside, [inside])
        after = [f"{inside}.onExit"] if self._state("close") else []
        self._node(inside, [f"{inside}(0)", *after])
        first = [name for name, needs in self.steps.items() if not needs]
        self._node(f"{inside}(0)", [f"{inside}(0).{name}-driver" for name in first], pod=False)
        for name in self.steps:
            self._loop(f"{inside}(0)") if name == "for-loop-2" else self._task(f"{inside}(0)", name, self.steps)
        if after:
            self._node(f"{inside}.onExit", [f"{inside}.onExit(0)"])
            self._node(f"{inside}.onExit(0)", [f"{inside}.onExit(0).close-driver"], pod=False)
            self._task(f"{inside}.onExit(0)", "close", {"close": []})

    def _loop(self, around):
        began = [cell for cell in range(self.cells) if self._state(f"train {cell}")]
        if not began:
            return
        loop = f"{around}.for-loop-2"
        items = [f"{loop}(0).iteration-iterations({cell}:{cell})" for cell in range(self.cells)]
        self._node(loop, [f"{loop}(0)"])
        self._node(f"{loop}(0)", [f"{loop}(0).iteration-driver", *self._dependents(around, "for-loop-2", self.steps)])
        self._driver(f"{loop}(0).iteration", [f"{loop}(0).iteration-iterations"])
        self._node(f"{loop}(0).iteration-iterations", items)
        for cell, item in enumerate(items):
            inner = f"{item}(0).iteration-item"
            self._node(item, [f"{item}(0)"])
            self._node(f"{item}(0)", [f"{inner}-driver"], pod=False)
            self._driver(inner, [inner])
            self._node(inner, [f"{inner}(0)"])
            self._node(f"{inner}(0)", [f"{inner}(0).train-driver"], pod=False)
            for name in LOOP:
                self._task(f"{inner}(0)", name, LOOP, f" {cell}")

    def _task(self, around, name, graph, cell=""):
        state = self._state(f"{name}{cell}")
        if not state:
            return
        path = f"{around}.{name}"
        dependents = self._dependents(around, name, graph)
        if state == "driver failed":
            self._node(f"{path}-driver", [f"{path}-driver(0)"], "FAILED")
            self._node(f"{path}-driver(0)", [path], "FAILED", pod="system-container-driver")
            self._node(path, dependents, None)
            return
        if state == "skipped":
            self._node(f"{path}-driver", [path], None)
            self._node(path, dependents, None)
            return
        self._driver(path, [path])
        self._node(path, [f"{path}(0)"], STATES[state])
        executor = f"{path}(0).executor"
        self._node(f"{path}(0)", [executor, *dependents], STATES[state], pod=False)
        count = 0 if state == "cached" else self.tries.get(f"{name}{cell}", 1)
        attempts = [f"{executor}({number})" for number in range(count)]
        self._node(executor, attempts, STATES[state] if attempts else "SKIPPED")
        for number, attempt in enumerate(attempts):
            self._node(
                attempt, [], STATES[state] if number == count - 1 else "FAILED", pod="retry-system-container-impl"
            )

    def _dependents(self, around, name, graph):
        waiting = [other for other, needs in graph.items() if name in needs]
        return [f"{around}.{other}{'' if other == 'for-loop-2' else '-driver'}" for other in waiting]

    def _driver(self, path, then):
        self._node(f"{path}-driver", [f"{path}-driver(0)"])
        self._node(f"{path}-driver(0)", then, pod="system-container-driver")

    def _node(self, name, children, state="SUCCEEDED", pod=None):
        self.clock += 1
        at = f"2026-11-01T{self.clock // 3600:02}:{self.clock // 60 % 60:02}:{self.clock % 60:02}Z"
        ended = "0001-01-01T00:00:00Z" if state == "RUNNING" else at
        detail = {
            **{"run_id": self.run, "task_id": f"task-{self.clock}", "display_name": last(name)},
            **{"create_time": "2026-11-01T00:00:00Z", "start_time": at, "end_time": ended},
            "state_history": [{"update_time": at} | ({"state": state} if state else {})],
        }
        detail |= {"state": state} if state else {}
        detail |= {"child_tasks": [{"pod_name": node_id(self.name, child)} for child in children]} if children else {}
        self.details.append(detail)
        if pod:
            self.pods.append(self._pod(name, pod, state))

    def _pod(self, name, template, state):
        node = node_id(self.name, name)
        phase = {"RUNNING": "Running", "FAILED": "Failed"}.get(state, "Succeeded")
        role = "driver" if "driver" in template else "launcher"
        return {
            "metadata": {
                "name": f"{self.name}-{template}-{node.rsplit('-', 1)[1]}",
                "namespace": "kubeflow",
                "creationTimestamp": f"2026-11-01T00:{self.clock // 60 % 60:02}:{self.clock % 60:02}Z",
                "labels": {"pipeline/runid": self.run, "workflows.argoproj.io/workflow": self.name},
                "annotations": {
                    "workflows.argoproj.io/node-id": node,
                    "workflows.argoproj.io/node-name": name,
                    "pipelines.kubeflow.org/runtime-role": role,
                },
            },
            "spec": {"containers": [{"name": "main"}, {"name": "wait"}]},
            "status": {"phase": phase},
        }

    def _state(self, task):
        return self.happened.get(task)

    def node(self, task, attempt=0):
        """The node id of a task's try, `train 3` for a cell."""
        step, _, cell = task.partition(" ")
        path = f"{self.name}(0).root(0).exit-handler-1(0)"
        if step == "close":
            path = f"{self.name}(0).root(0).exit-handler-1.onExit(0)"
        path += f".for-loop-2(0).iteration-iterations({cell}:{cell})(0).iteration-item(0)" if cell else ""
        return node_id(self.name, f"{path}.{step}(0).executor({attempt})")

    def pod(self, task, attempt=0):
        """The pod of a task's try."""
        node = self.node(task, attempt)
        return next(p for p in self.pods if p["metadata"]["annotations"]["workflows.argoproj.io/node-id"] == node)


def last(name):
    """What the server calls a node."""
    head, _, tail = name.rpartition(".")
    return f"exit-handler-1.{tail}" if tail.startswith("onExit") and head else tail


def everything(state, cells=4):
    """The same for every task."""
    steps = [name for name in STEPS if name != "for-loop-2"] + ["close"]
    return dict.fromkeys([*steps, *(f"{name} {cell}" for name in LOOP for cell in range(cells))], state)
