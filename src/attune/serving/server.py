"""Serve a registered version over HTTP, so that no single request can bring the server down.

This process reads, counts and refuses requests; another one decodes and scores, with the version's own code. If that
one is killed or runs out of memory, only the requests in progress fail, and it is restarted.
"""

import asyncio
import math
import resource
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import uvicorn

from attune.errors import AttuneError
from attune.registry import versions
from attune.serving import connections
from attune.serving.app import App
from attune.serving.limits import Limits
from attune.serving.scorer import Scorer

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

_FILES = 256
"""File descriptors reserved for anything but connections."""


class Place(NamedTuple):
    """Where to listen."""

    host: str
    port: int

    @property
    def address(self) -> str:
        """As in a browser: http://127.0.0.1:5001."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    def check_free(self) -> None:
        """Check that a server can listen here, before a model is loaded for it.

        Raises:
            AttuneError: the port is occupied or not permitted, or the host is no address of this machine.
        """
        try:
            asyncio.run(self._bind())
        except OSError as error:
            why = str(error.strerror).rpartition(": ")[2]  # asyncio puts the address before it
            remedy = "Choose another --port, or an address of this machine as --host."
            raise AttuneError(f"no server can listen there ({why})", where=self.address, remedy=remedy) from None

    async def _bind(self) -> None:
        (await asyncio.start_server(lambda *_: None, self.host, self.port, start_serving=False)).close()


def serve(
    version: "ModelVersion", place: Place, limits: Limits, *, device: str, paths: Path | None, docs: bool
) -> None:
    """Serve a version until interrupted.

    Args:
        version: the version to serve.
        place: where to listen.
        limits: per request and in total.
        device: `cpu` or `cuda`.
        paths: the folder that the column `path` may refer to; None refuses every path.
        docs: whether to serve /docs.

    Raises:
        AttuneError: the version cannot be fetched or loaded.
    """
    scorer = Scorer(versions.fetch(version), limits, device=device, paths=paths)
    app = App(scorer, limits, version=f"{version.name}/{version.version}", docs=docs)
    with suppress(KeyboardInterrupt):  # by which uvicorn ends
        asyncio.run(run(app, scorer, place, _with_room(limits)))


async def run(app: App, scorer: Scorer, place: Place, limits: Limits) -> None:
    """Start the worker, then listen until interrupted."""
    server = uvicorn.Server(_configured(app, place, limits))
    try:
        await scorer.start()
        watching = asyncio.create_task(connections.watch(server.server_state.connections, limits))
        await server.serve()
        watching.cancel()
    finally:
        await scorer.stop()


def _configured(app: App, place: Place, limits: Limits) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=place.host,
        port=place.port,
        http=connections.limited(limits),
        ws="none",
        lifespan="off",
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_keep_alive=math.ceil(limits.head_seconds),
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=32_768,
    )


def _with_room(limits: Limits) -> Limits:
    """Raise the limit of open files if necessary, and reduce the connections if that is not enough."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.connections + _FILES
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return limits._replace(connections=max(1, min(limits.connections, soft - min(_FILES, soft // 2))))
