"""A registered version over HTTP, by a server that one request cannot bring down.

This process reads requests, counts and refuses; another one decodes and scores, under the version's own code. What
kills that one, or fills its memory, costs the requests at work and is replaced.
"""

import asyncio
import resource
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import uvicorn

from attune.registry import versions
from attune.serving import connections
from attune.serving.app import App
from attune.serving.limits import Limits
from attune.serving.scorer import Scorer

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

_FILES = 256
"""File descriptors kept for other things than connections."""


class Place(NamedTuple):
    """Where to listen."""

    host: str
    port: int


def serve(
    version: "ModelVersion", place: Place, limits: Limits, *, device: str, paths: Path | None, docs: bool
) -> None:
    """Serve a version until interrupted.

    Args:
        version: which.
        place: where to listen.
        limits: of one request and in all.
        device: `cpu` or `cuda`.
        paths: the folder below which the column `path` may name files; None refuses every path.
        docs: whether /docs explains the requests.

    Raises:
        AttuneError: the version cannot be fetched or loaded.
    """
    scorer = Scorer(versions.fetch(version), limits, device=device, paths=paths)
    app = App(scorer, limits, version=f"{version.name}/{version.version}", docs=docs)
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
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=32_768,
    )


def _with_room(limits: Limits) -> Limits:
    """Fewer connections where this process may not open so many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.connections + _FILES
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return limits._replace(connections=max(1, min(limits.connections, soft - min(_FILES, soft // 2))))
