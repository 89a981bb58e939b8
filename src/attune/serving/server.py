"""MLflow's own scoring server on a registered version, with a limit on what a request may weigh."""

import json
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

from attune.registry import versions

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_App = Callable[[_Message, _Receive, _Send], Awaitable[None]]

REQUEST_SECONDS = 3600
"""Longest a request may take: an hour of audio goes through five folds in about ten minutes on two cores."""


def serve(version: "ModelVersion", *, host: str, port: int, largest_request: int, paths: str | None) -> None:
    """Serve a version until interrupted.

    Args:
        largest_request: bytes.
        paths: the folder below which the column `path` may name files; None refuses every path.
    """
    import uvicorn
    from mlflow.pyfunc import scoring_server

    os.environ.setdefault("MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT", str(REQUEST_SECONDS))
    if paths is not None:
        os.environ["ATTUNE_PATHS"] = paths
    app = scoring_server.init(versions.load(version))
    uvicorn.run(limited(app, largest_request), host=host, port=port, log_level="warning")


def limited(app: _App, largest: int) -> _App:
    """An application that answers 413 to a request of more than `largest` bytes, and does not keep it in memory."""

    async def guarded(scope: _Message, receive: _Receive, send: _Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        body = await _read(receive, largest, _announced(scope))
        if body is None:
            await _refuse(send, largest)
        else:
            await app({**scope, "headers": _with_type(scope["headers"])}, _replay(body, receive), send)

    return guarded


def _announced(scope: _Message) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


def _with_type(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """A request that does not say what it is, is taken for JSON; MLflow's server would stumble."""
    typed = any(name == b"content-type" for name, _ in headers)
    return headers if typed else [*headers, (b"content-type", b"application/json")]


async def _read(receive: _Receive, largest: int, announced: int) -> bytes | None:
    """The whole body, or None where it is too large: then it is read to its end all the same, and dropped.

    Most clients send all of a request before they look at the answer.
    """
    chunks: list[bytes] = []
    size = announced if announced > largest else 0
    while True:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > largest:
            chunks = []
        else:
            chunks.append(chunk)
        if not message.get("more_body", False):
            return None if size > largest else b"".join(chunks)


def _replay(body: bytes, receive: _Receive) -> _Receive:
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> _Message:
        return waiting.pop() if waiting else await receive()

    return replay


async def _refuse(send: _Send, largest: int) -> None:
    text = f"a request may be {largest / 1e6:g} MB; send fewer or shorter files at once, or compress them as FLAC"
    answer = json.dumps({"error_code": "REQUEST_LIMIT_EXCEEDED", "message": text}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": answer})
