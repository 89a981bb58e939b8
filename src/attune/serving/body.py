"""Read the body of a request within limits of size and time."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from attune.serving.admission import Refused, Visit
from attune.serving.limits import Limits

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


class ClientGone(Exception):  # noqa: N818 - an event, not a fault
    """The client closed the connection; there is nobody to answer."""


async def read(receive: Receive, announced: int, visit: Visit, limits: Limits) -> bytes:
    """Return the whole body.

    A body that is too large is read on for a while and dropped, because most clients send the whole request before
    they read the answer.

    Args:
        receive: ASGI's receive function.
        announced: the Content-Length; 0 if there is none.
        visit: accounts for the bytes kept.
        limits: of size and time.

    Raises:
        Refused: 413 (too large), 408 (too slow), 503 (no room).
        ClientGone: the body was not sent completely.
    """
    refused = _too_large(limits) if announced > limits.request_bytes else None
    chunks: list[bytes] = []
    size = 0
    async for chunk in _chunks(receive, limits):
        size += len(chunk)
        if refused is None:
            try:
                if size > limits.request_bytes:
                    raise _too_large(limits)
                visit.hold(len(chunk))
                chunks.append(chunk)
            except Refused as error:
                refused = error
                chunks.clear()
        elif size > 4 * limits.request_bytes:
            break
    if refused:
        raise refused
    return b"".join(chunks)


async def _chunks(receive: Receive, limits: Limits) -> Any:
    loop = asyncio.get_running_loop()
    began, size, more = loop.time(), 0, True
    while more:
        behind = loop.time() - began - limits.pause_seconds - size / limits.bytes_a_second
        try:
            async with asyncio.timeout(0 if behind > 0 else limits.pause_seconds):
                message = await receive()
        except TimeoutError:
            raise Refused(408, "the body of the request did not arrive in time") from None
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        size += len(chunk)
        more = message.get("more_body", False)
        yield chunk


def _too_large(limits: Limits) -> Refused:
    text = f"a request may have {limits.request_bytes / 1e6:g} MB; send fewer or shorter files at once, or FLAC"
    return Refused(413, text)
