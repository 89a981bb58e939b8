"""Call a server that may be slow, busy or down: a bounded number of tries, and one message if all fail.

Reads are retried freely. Creating something is retried only after checking whether the last try created it after all.
"""

import json
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from kfp_server_api import ApiException
from urllib3.exceptions import ConnectTimeoutError, HTTPError, ProxyError

from attune.errors import AttuneError

if TYPE_CHECKING:
    from pipelines.runs.cluster import Cluster

Made = TypeVar("Made")

BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which the same request may succeed."""
BROKEN = 502
"""Status used for an answer that cannot be read."""
NO_ANSWER = "instead of an answer"
"""Part of the reason of the error raised for a login page."""
FOREIGN = "an answer that is cut off or is not Kubeflow's"
"""The reason of the error raised for an answer that does not fit Kubeflow's API."""
CAUSE = re.compile(r"(Failed to resolve|Connection to|Read timed out|\[Errno).*")
OPAQUE = "Internal Server Error"
"""The server's message if it gives no cause."""
LONGEST = 500
"""Most characters of an answer that are quoted."""


@dataclass(frozen=True)
class Patience:
    """How long to keep trying."""

    attempts: int = 5
    pause: float = 1.0
    """Seconds before the second try; doubled for each further one."""
    connect: float = 10.0
    """Seconds to wait for a connection."""
    read: float = 60.0
    """Seconds to wait for an answer."""

    def wait(self, attempt: int) -> None:
        time.sleep(self.pause * 2**attempt)


@dataclass(frozen=True)
class Server:
    """A server to call, and how long to keep trying."""

    client: Any
    host: str
    namespace: str | None
    """The namespace of the runs; None if there is only one user."""
    patience: Patience = Patience()
    browser: str | None = None
    """The address of its pages, if not the same."""
    cluster: "Cluster | None" = None
    """The namespace of the runs' pods, if Kubernetes itself is accessible."""

    def page(self, run_id: str) -> str:
        """Return the address of a run's page."""
        several = f"?ns={self.namespace}" if self.namespace else ""
        return f"{self.browser or self.host}/{several}#/runs/details/{run_id}"


def read(server: Server, what: str, request: Callable[..., Made], *args: Any, **options: Any) -> Made:
    """Send a request that changes nothing, retrying if the failure may be transient.

    Args:
        what: the subject of the request, for the message.
        request: a method of the server's API; gets `args`, `options` and a timeout.

    Raises:
        AttuneError: refused, not found, or no answer after all tries.
    """
    last = server.patience.attempts - 1
    for attempt in range(last + 1):
        try:
            return _once(server, request, *args, **options)
        except (ApiException, HTTPError) as error:
            if not may_pass(error) or attempt == last:
                raise explained(error, what, server.host) from None
            server.patience.wait(attempt)
    raise AssertionError("no attempts allowed")


def make(
    server: Server, what: str, find: Callable[[], Made | None], request: Callable[..., Made], *args: Any, **options: Any
) -> Made:
    """Send a request that creates an object, so that it is created exactly once.

    Before another try, and if the server says that the object exists already, `find` looks for it.

    Raises:
        AttuneError: the same as for `read`.
    """
    last = server.patience.attempts - 1
    for attempt in range(last + 1):
        try:
            return _once(server, request, *args, **options)
        except (ApiException, HTTPError) as error:
            there = isinstance(error, ApiException) and error.status == 409
            if not there and not may_pass(error):
                raise explained(error, what, server.host) from None
            if not there:
                server.patience.wait(attempt)
            found = find()
            if found is not None:
                return found
            if there or attempt == last:
                raise explained(error, what, server.host) from None
    raise AssertionError("no attempts allowed")


def _once(server: Server, request: Callable[..., Made], *args: Any, **options: Any) -> Made:
    return request(*args, **options, _request_timeout=(server.patience.connect, server.patience.read))


def may_pass(error: Exception) -> bool:
    """Whether the error may be transient."""
    return error.status in BUSY if isinstance(error, ApiException) else isinstance(error, HTTPError)


def explained(error: ApiException | HTTPError, what: str, host: str) -> AttuneError:
    """Return one error: what was requested, from where, what went wrong, and what to do."""
    if isinstance(error, ApiException):
        problem, remedy = _answer(error)
    elif isinstance(error, ProxyError):
        problem = f"the proxy does not let us through ({_cause(error)})"
        remedy = "Check HTTPS_PROXY and HTTP_PROXY, or name the server in NO_PROXY."
    elif isinstance(unreached := getattr(error, "reason", error), ConnectTimeoutError):  # also refused or unknown hosts
        problem = f"the server cannot be reached ({_cause(unreached)})"
        remedy = "Check --host, the network, and that Kubeflow Pipelines runs: kubectl -n kubeflow get pods."
    else:
        problem, remedy = f"the server did not answer ({_cause(error)})", "It may be overloaded; try again later."
    return AttuneError(f"{what}: {problem}", where=host, remedy=remedy)


def _cause(error: Exception) -> str:
    """Return urllib3's message without the object in front of it, or that of the wrapped error."""
    if error.args and isinstance(error.args[-1], Exception):
        return _cause(error.args[-1])
    said = CAUSE.search(str(error))
    return said[0].rstrip("'\")") if said else str(error)


def _answer(error: ApiException) -> tuple[str, str]:
    said, status = _said(error), error.status or 0
    if said.startswith("SSLError"):
        return f"no secure connection ({said.removeprefix('SSLError').strip()})", (
            "Check that the server speaks https at this address; a certificate that an authority of your own signed "
            "needs --ca-certificate FILE."
        )
    if error.reason == FOREIGN:
        return FOREIGN, "Check that Kubeflow Pipelines is at this address (--host), or try again later."
    if "multi-user mode" in said:
        return f"refused ({status} {said})", "Kubeflow has several users here: say whose namespace with --namespace."
    if status == 429:
        return f"too many requests (429 {said})", "Try again later."
    if status == 403:
        return f"forbidden (403 {said})", (
            "The account is known but may not do this there: check --namespace, and the rights of the account "
            "(deploy/base/submitter.yaml has those that attune needs)."
        )
    if status == 401 or 300 <= status < 400 or NO_ANSWER in str(error.reason):
        return f"refused ({status} {said})", (
            "The token or cookie is missing or has expired: renew what --token-file, --cookie-file, "
            "KF_PIPELINES_TOKEN or KF_PIPELINES_COOKIE holds."
        )
    if status == 404:
        return f"not found ({said})", "Check the name or id, --namespace and --host."
    if "unknown field" in said:
        return f"failed ({status} {said})", (
            "The server is older than the pipeline was compiled for: give its version with --backend, such as 2.15."
        )
    if status in BUSY:
        return f"failed ({status} {said})", "The server answers but is not healthy; try again later."
    return f"failed ({status} {said})", "Check the request; the server's answer says what is wrong with it."


def _said(error: ApiException) -> str:
    """Return the server's own message, which it sends as JSON or text; of a chain of messages the cause, at its end."""
    body = error.body.decode(errors="replace") if isinstance(error.body, bytes) else str(error.body or "")
    with suppress(ValueError, AttributeError, TypeError):  # not Kubeflow's JSON: quoted as it is
        answer = json.loads(body)
        causes = [detail["message"] for detail in answer.get("details") or [] if detail.get("message") != OPAQUE]
        body = str(next(iter(causes), None) or answer.get("message") or answer.get("error_message") or body)
    said = " ".join((body or str(error.reason)).split())
    return said if len(said) <= LONGEST else f"... {said[-LONGEST:]}"
