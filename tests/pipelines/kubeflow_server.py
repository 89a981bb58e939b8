"""A local HTTP server that speaks Kubeflow Pipelines' API through the SDK's own models, and misbehaves if told to."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import kfp_server_api as kfp

TOKEN = "a-good-token"
START = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass
class Fault:
    """What happens to the next `times` requests whose method and path match."""

    pattern: str
    times: int = 1
    status: int | None = None
    """Answer this instead of doing anything."""
    body: str = '{"message": "told to fail"}'
    kind: str = "application/json"
    mute: bool = False
    """Do what was asked, and break off without an answer."""
    late: bool = False
    """Break off, and do what was asked when the same is asked again."""
    delay: float = 0.0
    """Seconds before doing anything."""


@dataclass
class Kubeflow:
    """What the server holds. `state_of` decides how a run is on each look at it, counted from 0."""

    address: str = ""
    token: str | None = None
    cookie: str | None = None
    namespaces: set[str] | None = None
    state_of: Callable[[int], str] = lambda look: ["PENDING", "RUNNING", "SUCCEEDED"][min(look, 2)]
    tasks: list[dict[str, Any]] = field(default_factory=list)
    logs: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    pipelines: list[kfp.V2beta1Pipeline] = field(default_factory=list)
    versions: list[kfp.V2beta1PipelineVersion] = field(default_factory=list)
    packages: dict[str, str] = field(default_factory=dict)
    experiments: list[kfp.V2beta1Experiment] = field(default_factory=list)
    runs: list[kfp.V2beta1Run] = field(default_factory=list)
    recurring: list[kfp.V2beta1RecurringRun] = field(default_factory=list)
    terminated: list[str] = field(default_factory=list)
    looks: dict[str, int] = field(default_factory=dict)
    late: list[tuple[str, bytes]] = field(default_factory=list)
    lock: Any = field(default_factory=threading.RLock)

    def count(self, pattern: str) -> int:
        return sum(bool(re.fullmatch(pattern, request)) for request in self.requests)


@contextmanager
def serving(kubeflow: Kubeflow) -> Iterator[Kubeflow]:
    """Serve until the block ends."""

    class Handler(_Handler):
        held = kubeflow

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        kubeflow.address = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield kubeflow
        server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    held: Kubeflow
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        request = f"{self.command} {path}"
        self.held.requests.append(request)
        fault = self._fault(request)
        if fault.delay:
            time.sleep(fault.delay)
        if fault.status:
            return self._answer(fault.status, fault.body, fault.kind)
        with self.held.lock:
            if fault.late:
                self.held.late.append((request, body))
            else:
                status, answer, kind = self._do(request, body)
                while self.held.late and self.held.late[0][0] == request:
                    self._do(*self.held.late.pop())
        if fault.mute or fault.late:
            self.close_connection = True
            return None
        return self._answer(status, answer, kind)

    do_GET = do_POST = do_DELETE = _serve  # noqa: N815

    def _fault(self, request: str) -> Fault:
        for fault in self.held.faults:
            if fault.times > 0 and re.fullmatch(fault.pattern, request):
                fault.times -= 1
                return fault
        return Fault("")

    def _answer(self, status: int, body: str, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status in (302, 303):
            self.send_header("Location", f"{self.held.address}/login")
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def _do(self, request: str, body: bytes) -> tuple[int, str, str]:
        if self.held.token and self.headers.get("authorization") != f"Bearer {self.held.token}":
            return 401, '{"message": "token has expired"}', "application/json"
        if self.held.cookie and self.headers.get("Cookie") != self.held.cookie:
            return 302, "", "text/html"
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        for pattern, method in ROUTES:
            if match := re.fullmatch(pattern, request):
                try:
                    return 200, _json(method(self.held, query, body, *match.groups())), "application/json"
                except _RefusedError as refusal:
                    return refusal.status, json.dumps({"message": str(refusal)}), "application/json"
        if match := re.fullmatch(r"GET /apis/v1alpha1/runs/[^/]+/nodes/([^/]+)/log", request):
            return 200, self.held.logs[match[1]], "text/plain"
        return 404, '{"message": "no such path"}', "application/json"


class _RefusedError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


API = kfp.ApiClient()


def _json(model: Any) -> str:
    return json.dumps(API.sanitize_for_serialization(model))


def _model(body: bytes, kind: str) -> Any:
    return API.deserialize(SimpleNamespace(data=body.decode()), kind)


def _now(held: Kubeflow) -> datetime:
    return START + timedelta(seconds=len(held.requests))


def _matching(items: list[Any], query: dict[str, str]) -> list[Any]:
    if "filter" not in query:
        return items
    (predicate,) = json.loads(query["filter"])["predicates"]
    assert (predicate["operation"], predicate["key"]) == ("EQUALS", "display_name")
    return [item for item in items if item.display_name == predicate["stringValue"]]


def _check_namespace(held: Kubeflow, namespace: str | None) -> None:
    if held.namespaces is not None and namespace not in held.namespaces:
        raise _RefusedError(403, f"user may not act in namespace {namespace}")


def _list_pipelines(held: Kubeflow, query: dict[str, str], _: bytes) -> Any:
    _check_namespace(held, query.get("namespace"))
    return kfp.V2beta1ListPipelinesResponse(pipelines=_matching(held.pipelines, query))


def _create_pipeline(held: Kubeflow, _: dict[str, str], body: bytes) -> Any:
    new = _model(body, "V2beta1Pipeline")
    if any(pipeline.display_name == new.display_name for pipeline in held.pipelines):
        raise _RefusedError(409, "already exists")
    new.pipeline_id = f"pipeline-{len(held.pipelines)}"
    held.pipelines.append(new)
    return new


def _list_versions(held: Kubeflow, query: dict[str, str], _: bytes, pipeline_id: str) -> Any:
    own = [version for version in held.versions if version.pipeline_id == pipeline_id]
    return kfp.V2beta1ListPipelineVersionsResponse(pipeline_versions=_matching(own, query))


def _upload_version(held: Kubeflow, query: dict[str, str], body: bytes) -> Any:
    if any((one.pipeline_id, one.display_name) == (query["pipelineid"], query["name"]) for one in held.versions):
        raise _RefusedError(409, "already exists")
    new = kfp.V2beta1PipelineVersion(
        pipeline_id=query["pipelineid"],
        display_name=query["name"],
        pipeline_version_id=f"version-{len(held.versions)}",
    )
    held.versions.append(new)
    held.packages[new.pipeline_version_id] = body.decode()
    return new


def _list_experiments(held: Kubeflow, query: dict[str, str], _: bytes) -> Any:
    _check_namespace(held, query.get("namespace"))
    return kfp.V2beta1ListExperimentsResponse(experiments=_matching(held.experiments, query))


def _create_experiment(held: Kubeflow, _: dict[str, str], body: bytes) -> Any:
    new = _model(body, "V2beta1Experiment")
    _check_namespace(held, new.namespace)
    new.experiment_id = f"experiment-{len(held.experiments)}"
    held.experiments.append(new)
    return new


def _list_runs(held: Kubeflow, query: dict[str, str], _: bytes) -> Any:
    own = [run for run in held.runs if run.experiment_id == query["experiment_id"]]
    return kfp.V2beta1ListRunsResponse(runs=_matching(own, query))


def _create_run(held: Kubeflow, _: dict[str, str], body: bytes) -> Any:
    new = _model(body, "V2beta1Run")
    assert new.pipeline_version_reference.pipeline_version_id in held.packages
    new.run_id = f"run-{len(held.runs)}"
    new.created_at = _now(held)
    held.runs.append(new)
    return new


def _get_run(held: Kubeflow, _: dict[str, str], __: bytes, run_id: str) -> Any:
    for run in held.runs:
        if run.run_id == run_id:
            look = held.looks[run_id] = held.looks.get(run_id, -1) + 1
            run.state = held.state_of(look)
            details = [_model(json.dumps(task).encode(), "V2beta1PipelineTaskDetail") for task in held.tasks]
            run.run_details = kfp.V2beta1RunDetails(task_details=details)
            return run
    raise _RefusedError(404, f"run {run_id} not found")


def _terminate_run(held: Kubeflow, _: dict[str, str], __: bytes, run_id: str) -> Any:
    held.terminated.append(run_id)
    return {}


def _list_recurring(held: Kubeflow, query: dict[str, str], _: bytes) -> Any:
    own = _matching(held.recurring, query)
    start = int(query.get("page_token") or 0)
    more = str(start + 2) if len(own) > start + 2 else None
    return kfp.V2beta1ListRecurringRunsResponse(recurring_runs=own[start : start + 2], next_page_token=more)


def _create_recurring(held: Kubeflow, _: dict[str, str], body: bytes) -> Any:
    new = _model(body, "V2beta1RecurringRun")
    new.recurring_run_id = f"recurring-{len(held.recurring)}"
    new.status = "ENABLED" if new.mode == "ENABLE" else "DISABLED"
    held.recurring.append(new)
    return new


def _recurring(held: Kubeflow, which: str) -> Any:
    return next(one for one in held.recurring if one.recurring_run_id == which)


def _disable(held: Kubeflow, _: dict[str, str], __: bytes, which: str) -> Any:
    _recurring(held, which).status = "DISABLED"
    _recurring(held, which).mode = "DISABLE"
    return {}


def _enable(held: Kubeflow, _: dict[str, str], __: bytes, which: str) -> Any:
    _recurring(held, which).status = "ENABLED"
    _recurring(held, which).mode = "ENABLE"
    return {}


def _delete(held: Kubeflow, _: dict[str, str], __: bytes, which: str) -> Any:
    held.recurring.remove(_recurring(held, which))
    return {}


ROOT = "(?:/api/v1/namespaces/kubeflow/services/ml-pipeline:http/proxy)?/apis/v2beta1"
ROUTES = [
    (f"GET {ROOT}/pipelines", _list_pipelines),
    (f"POST {ROOT}/pipelines", _create_pipeline),
    (f"POST {ROOT}/pipelines/upload_version", _upload_version),
    (f"GET {ROOT}/pipelines/([^/]+)/versions", _list_versions),
    (f"GET {ROOT}/experiments", _list_experiments),
    (f"POST {ROOT}/experiments", _create_experiment),
    (f"GET {ROOT}/runs", _list_runs),
    (f"POST {ROOT}/runs", _create_run),
    (f"GET {ROOT}/runs/([^/:]+)", _get_run),
    (f"POST {ROOT}/runs/([^/]+):terminate", _terminate_run),
    (f"GET {ROOT}/recurringruns", _list_recurring),
    (f"POST {ROOT}/recurringruns", _create_recurring),
    (f"POST {ROOT}/recurringruns/([^/]+):disable", _disable),
    (f"POST {ROOT}/recurringruns/([^/]+):enable", _enable),
    (f"DELETE {ROOT}/recurringruns/([^/]+)", _delete),
]
