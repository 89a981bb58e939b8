"""The HTTP interface: POST /invocations as in MLflow's scoring server, GET /ping and /version; errors are plain
messages in JSON that reveal nothing about this machine."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from attune.serving import docs_page
from attune.serving.admission import Admission, Refused
from attune.serving.body import ClientGone, Message, Receive, read
from attune.serving.limits import Limits
from attune.serving.scorer import Answer, WorkerDied

Send = Callable[[Message], Awaitable[None]]
_KINDS = {"application/json": "json", "text/csv": "csv", "": "json"}
_UTF8 = ("charset=utf-8", "charset=utf8")
_CODES = {
    400: "BAD_REQUEST",
    404: "ENDPOINT_NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    408: "REQUEST_TIMEOUT",
    413: "REQUEST_LIMIT_EXCEEDED",
    415: "UNSUPPORTED_MEDIA_TYPE",
    429: "REQUEST_LIMIT_EXCEEDED",
    503: "TEMPORARILY_UNAVAILABLE",
}
_LAST = (408, 413)
"""After these the connection is closed. After others uvicorn reads and drops what is left of the body: a client that
sends all of it before it reads the answer would find the connection reset."""
_RETRY_AFTER = {429: b"5", 503: b"5"}
_log = logging.getLogger("attune.serving")


class Scores(Protocol):
    """The interface of `attune.serving.scorer.Scorer`."""

    @property
    def ready(self) -> bool: ...

    async def score(self, kind: str, body: bytes) -> Answer: ...


class App:
    """An ASGI application on a scorer."""

    def __init__(self, scorer: Scores, limits: Limits, *, version: str, docs: bool = False) -> None:
        self._scorer, self._limits, self._version, self._docs = scorer, limits, version, docs
        self._admission = Admission(limits)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            status, body, kind = await self._respond(scope, receive)
            close = False
        except ClientGone:
            return
        except Refused as error:
            status, body, kind = error.status, _message(error.status, error.message), "application/json"
            close = error.status in _LAST
        except Exception:  # logged; the client gets a 500 without internals, and other requests are not affected
            _log.exception("a request failed")
            text = "the server failed on this request; its log says why"
            status, body, kind, close = 500, _message(500, text), "application/json", True
        await _send(send, scope, status, body, kind, close=close)

    async def _respond(self, scope: Message, receive: Receive) -> tuple[int, bytes, str]:
        path, method = scope["path"], scope["method"]
        if path == "/invocations":
            _check_method(method, "POST")
            answer = await self._score(scope, receive)
            return answer.status, answer.body, "application/json"
        if path in ("/ping", "/health", "/version") or (path == "/docs" and self._docs):
            _check_method(method, "GET", "HEAD")
            return self._tell(path)
        raise Refused(404, "there is POST /invocations, GET /ping and GET /version")

    def _tell(self, path: str) -> tuple[int, bytes, str]:
        if path == "/docs":
            return 200, docs_page.html(self._limits).encode(), "text/html; charset=utf-8"
        if path == "/version":
            return 200, self._version.encode(), "text/plain; charset=utf-8"
        return (200 if self._scorer.ready else 503), b"\n", "application/json"

    async def _score(self, scope: Message, receive: Receive) -> Answer:
        headers = dict(scope["headers"])
        kind = _kind(headers.get(b"content-type", b""))
        _check_not_compressed(headers)
        client = scope["client"][0] if scope.get("client") else ""
        try:
            async with asyncio.timeout(self._limits.seconds):
                with self._admission.visit(client) as visit:
                    body = await read(receive, _announced(headers), visit, self._limits)
                    scoring = asyncio.ensure_future(self._scorer.score(kind, body))
                    del body
                    return await _unless_gone(scoring, receive)
        except TimeoutError:
            raise Refused(503, f"not answered within {self._limits.seconds:g} s; try again later") from None
        except WorkerDied:
            raise Refused(503, "the model is being started again; try again later") from None


async def _unless_gone(scoring: "asyncio.Future[Answer]", receive: Receive) -> Answer:
    """Return the answer, or raise `ClientGone`; scoring is cancelled if nobody waits for it anymore."""
    gone = asyncio.ensure_future(_gone(receive))
    both: set[asyncio.Future[Any]] = {scoring, gone}
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not scoring.done():
            raise ClientGone
        return scoring.result()
    finally:
        gone.cancel()
        scoring.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _kind(content_type: bytes) -> str:
    name, *parameters = ("".join(part.split()).lower() for part in content_type.decode("latin-1").split(";"))
    if name not in _KINDS:
        raise Refused(415, "the content must be application/json or text/csv")
    if any(one.startswith("charset=") and one.replace('"', "") not in _UTF8 for one in parameters):
        raise Refused(415, "only UTF-8 is supported")
    return _KINDS[name]


def _check_not_compressed(headers: dict[bytes, bytes]) -> None:
    if headers.get(b"content-encoding", b"identity").strip().lower() not in (b"", b"identity"):
        raise Refused(415, "the body must not be compressed; send audio as FLAC in base64, which is smaller already")


def _announced(headers: dict[bytes, bytes]) -> int:
    length = headers.get(b"content-length", b"")
    return int(length) if length.isdigit() and len(length) < 20 else 0


def _check_method(method: str, *allowed: str) -> None:
    if method not in allowed:
        raise Refused(405, f"the method must be {' or '.join(allowed)}")


def _message(status: int, text: str) -> bytes:
    return json.dumps({"error_code": _CODES.get(status, "INTERNAL_ERROR"), "message": text}).encode()


async def _send(send: Send, scope: Message, status: int, body: bytes, kind: str, *, close: bool) -> None:
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    if status in _RETRY_AFTER:
        headers.append((b"retry-after", _RETRY_AFTER[status]))
    if status == 405:
        headers.append((b"allow", b"POST" if scope["path"] == "/invocations" else b"GET, HEAD"))
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
