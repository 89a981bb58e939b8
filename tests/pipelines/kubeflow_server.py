"""A local HTTP server that speaks Kubeflow Pipelines' API through the SDK's own models, and misbehaves if told to."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import kfp_server_api as kfp
import kubeflow_api
from background_server import in_background
from kubernetes_api import Kubernetes

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
    """Details of the nodes of any run."""
    history: list[str] = field(default_factory=list)
    """States that any run had before the one it has."""
    logs: dict[str, str] = field(default_factory=dict)
    """What pods that are there say, by node id."""
    archived: dict[str, str] = field(default_factory=dict)
    """What is left of pods that are gone, by node id."""
    kubernetes: Kubernetes = field(default_factory=Kubernetes)
    refused: set[str] = field(default_factory=set)
    """Fields of the platform spec that this backend does not know."""
    experiment_id: str = ""
    """Of the next experiment to be made."""
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

    with in_background(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        kubeflow.address = f"http://127.0.0.1:{server.server_address[1]}"
        yield kubeflow


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
            return 401, json.dumps(kubeflow_api.error(16, "token has expired")), "application/json"
        if self.held.cookie and self.headers.get("Cookie") != self.held.cookie:
            return 302, "", "text/html"
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        if answered := self.held.kubernetes.answer(self.command, unquote(address.path), query):
            return answered
        return kubeflow_api.answer(self.held, request.replace(PROXY, ""), query, body)


PROXY = "/api/v1/namespaces/kubeflow/services/ml-pipeline:http/proxy"
