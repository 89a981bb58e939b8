"""Determine a server's version of Kubeflow Pipelines."""

import re
from collections.abc import Callable
from typing import Any

from attune.errors import AttuneError
from pipelines.server.calls import Server, read

SUPPORTED = ("2.15", "2.16", "2.17")
TAG = re.compile(r"v?(\d+)\.(\d+)")


def of(server: Server) -> str | None:
    """Return the newest supported version that is not newer than the server; None if the server does not report one.

    Servers built from source and some distributions do not. One older than all supported ones counts as the oldest.
    """
    try:
        health = read(server, "its version", _ask(server))
    except AttuneError:
        return None
    tag = TAG.match(str(health.get("tag_name")))
    if tag is None:
        return None
    known = [version for version in SUPPORTED if _number(version) <= (int(tag[1]), int(tag[2]))]
    return known[-1] if known else SUPPORTED[0]


def _ask(server: Server) -> Callable[..., dict[str, Any]]:
    """Return a request for the server's health, without the SDK's model of the answer, which lacks the version."""

    def request(**options: Any) -> dict[str, Any]:
        return server.client.call_api(
            "/apis/v2beta1/healthz",
            "GET",
            response_type="object",
            auth_settings=["Bearer"],
            _return_http_data_only=True,
            **options,
        )

    return request


def _number(version: str) -> tuple[int, int]:
    major, minor = version.split(".")
    return int(major), int(minor)
