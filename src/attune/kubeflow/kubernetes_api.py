"""The few Kubernetes API calls that our pods make, with the token and CA certificates mounted in every pod."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError

from attune.errors import AttuneError

MOUNTED = Path("/var/run/secrets/kubernetes.io/serviceaccount")
HOST, PORT = "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"
MERGE = "application/merge-patch+json"
TIMEOUT = urllib3.Timeout(connect=10.0, read=60.0)
NOT_FOUND, CONFLICT, ENOUGH = 404, 409, 500

Document = dict[str, Any]


@dataclass(frozen=True)
class Refused(Exception):  # noqa: N818
    """An unsuccessful response, with Kubernetes' own message."""

    status: int
    message: str


@dataclass(frozen=True)
class Api:
    """An API server, and the folder with `token`, `ca.crt` and `namespace`."""

    address: str
    mounted: Path

    @property
    def namespace(self) -> str:
        return (self.mounted / "namespace").read_text(encoding="utf-8").strip()

    def json(self, method: str, path: str, body: Document | None = None) -> Document:
        """Send a request and return the JSON response.

        Raises:
            Refused: the object does not exist, or exists already.
            AttuneError: anything else: no answer, no permission, an invalid request.
        """
        answer: Document = json.loads(self.text(method, path, body))
        return answer

    def text(self, method: str, path: str, body: Document | None = None) -> str:
        """The same for a response that is not JSON, such as a log."""
        headers = {"Authorization": f"Bearer {(self.mounted / 'token').read_text(encoding='utf-8').strip()}"}
        headers |= {"Content-Type": MERGE if method == "PATCH" else "application/json"} if body else {}
        sent = json.dumps(body) if body else None
        try:
            with urllib3.PoolManager(ca_certs=str(self.mounted / "ca.crt")) as pool:
                answer = pool.request(method, self.address + path, body=sent, headers=headers, timeout=TIMEOUT)
                text = answer.data.decode(errors="replace")
        except HTTPError as error:
            raise AttuneError(f"Kubernetes does not answer ({error})", where=self.address, passes=True) from None
        if answer.status < 400:
            return text
        said = _message(text)
        if answer.status in (NOT_FOUND, CONFLICT):
            raise Refused(answer.status, said)
        raise AttuneError(f"Kubernetes says: {said}", where=path, passes=answer.status in (429, *range(ENOUGH, 600)))


def around_us(environment: Mapping[str, str], mounted: Path = MOUNTED) -> Api:
    """Return the API server of the cluster that this pod runs in.

    Raises:
        AttuneError: this is not a pod, or one without a token.
    """
    if HOST not in environment or not (mounted / "token").exists():
        raise AttuneError(
            "this is not a pod with a token for Kubernetes", where="train.nodes", remedy="Several nodes need a cluster."
        )
    host = environment[HOST]
    return Api(f"https://{f'[{host}]' if ':' in host else host}:{environment.get(PORT, '443')}", mounted)


def _message(text: str) -> str:
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text[:500]
