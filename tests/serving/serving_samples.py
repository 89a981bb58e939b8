"""A server on untrained networks without MLflow around it, under limits small enough to reach in a test."""

import asyncio
import http.client
import json
import socket
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from ports import free_port
from registry_samples import FOLDS

from attune.registry import package
from attune.serving import server
from attune.serving.app import App
from attune.serving.limits import Limits
from attune.serving.scorer import Scorer

LIMITS = Limits(
    request_bytes=2_000_000,
    request_rows=20,
    request_seconds=30,
    requests=6,
    seconds=300,
    connections=20,
    head_seconds=3.0,
    pause_seconds=3.0,
    answer_seconds=6.0,
)


def version_files(trained: Path, folder: Path) -> Path:
    """The folder of a version, as far as a server needs it."""
    package._gather_code(folder / "code/attune")
    package._gather_weights({fold: trained / "models/mtl-att" / fold for fold in FOLDS}, folder / "artifacts/folds")
    return folder


class Running:
    """A server in a thread of this process, its worker in a process of its own."""

    def __init__(self, scorer, limits=LIMITS, docs=False):
        self.scorer, self.limits = scorer, limits
        self.port = free_port()
        self.app = App(scorer, limits, version="attune/1", docs=docs)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self):
        self._thread.start()
        until = time.monotonic() + 400
        while True:
            assert time.monotonic() < until
            assert self._thread.is_alive()
            try:
                self.line().close()
                return self
            except OSError:
                time.sleep(0.1)

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(120)

    async def _run(self):
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        with suppress(asyncio.CancelledError):
            await server.run(self.app, self.scorer, server.Place("127.0.0.1", self.port), self.limits)

    def line(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=120)

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())
        finally:
            connection.close()

    def post(self, body, kind="application/json"):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        status, answer, _ = self.ask("POST", "/invocations", data, {"content-type": kind})
        return status, json.loads(answer)


@contextmanager
def running(files, limits=LIMITS, **settings):
    scorer = Scorer(files, limits, device="cpu", paths=None)
    with Running(scorer, limits, **settings) as it:
        yield it
