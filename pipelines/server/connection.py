"""Connect to a Kubeflow Pipelines server: address and credentials from options, environment, cluster or kubeconfig.

Credentials are read from files or the environment, never from the command line, where anyone could read them.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import kfp_server_api

from attune.errors import AttuneError
from pipelines.server import kubeconfig, proxy
from pipelines.server.answers import is_an
from pipelines.server.calls import BROKEN, FOREIGN, NO_ANSWER, Patience, Server

if TYPE_CHECKING:
    from pipelines.runs.cluster import Cluster

HOST, TOKEN, COOKIE = "KF_PIPELINES_ENDPOINT", "KF_PIPELINES_TOKEN", "KF_PIPELINES_COOKIE"
SERVICE_ACCOUNT_TOKEN, BROWSER = "KF_PIPELINES_SA_TOKEN_PATH", "KF_PIPELINES_UI_ENDPOINT"
"""Environment variables; all but token and cookie are kfp's own."""

MOUNTED_TOKEN = "/var/run/secrets/kubeflow/pipelines/token"
IN_CLUSTER = "KUBERNETES_SERVICE_HOST"
FORWARDED = "http://localhost:8080"
"""The address of Kubeflow's pages with port forwarding."""


@dataclass(frozen=True)
class Wanted:
    """The command line's options for the server."""

    host: str | None = None
    """Its address, as in the browser; with `/pipeline` behind Kubeflow's dashboard."""
    token_file: Path | None = None
    cookie_file: Path | None = None
    context: str | None = None
    """A context of the kubeconfig; without a host, its API server proxies our requests."""
    system_namespace: str = "kubeflow"
    """The namespace where Kubeflow Pipelines is installed."""
    namespace: str | None = None
    """The namespace of the runs; None if there is only one user."""
    certificate: Path | None = None
    """Certificate authorities to trust for https."""


class _Client(kfp_server_api.ApiClient):  # type: ignore[misc]
    """Recognises an HTML page as an error: a proxy in front of the server wants a login."""

    def request(self, *args: Any, **options: Any) -> Any:
        """The same as the SDK's, which would fail to decode a refusal's body if there is none or it is not UTF-8."""
        try:
            return super().request(*args, **options)
        except kfp_server_api.ApiException as error:
            error.body = (error.body or b"").decode(errors="replace").encode()
            raise

    def deserialize(self, response: Any, response_type: Any) -> Any:
        """The same as the SDK's, which would make an empty object of anything that is not a JSON object."""
        kind = response.getheader("content-type", "application/json")
        if "json" not in kind:
            raise kfp_server_api.ApiException(status=response.status, reason=f"{kind} {NO_ANSWER}")
        if not is_an(response_type, response.data):
            raise kfp_server_api.ApiException(status=BROKEN, reason=FOREIGN)
        return super().deserialize(response, response_type)


def connect(wanted: Wanted, environment: Mapping[str, str] = os.environ, patience: Patience | None = None) -> Server:
    """Return a client; it sends no request yet.

    Raises:
        AttuneError: no server is configured, its address is invalid, or a given file cannot be read.
    """
    settings = kfp_server_api.Configuration()
    settings.retries = False  # our own are bounded, and only repeat what is safe
    if wanted.certificate:
        _content(wanted.certificate, "certificates")
        settings.ssl_ca_cert = str(wanted.certificate)
    host, browser, cluster = wanted.host or environment.get(HOST), environment.get(BROWSER), None
    inside = not host and not wanted.context and IN_CLUSTER in environment
    if host:
        settings.host = _address(host)
        cluster = kubeconfig.load(wanted.context) if wanted.context else None
    elif inside:
        settings.host = f"http://ml-pipeline.{wanted.system_namespace}.svc:8888"
        cluster = _around_us()
    else:
        cluster = kubeconfig.load(wanted.context)
        _use_kubeconfig(settings, wanted, cluster)
        browser = browser or FORWARDED
    if host:
        proxy.use(settings, settings.host)
    client = _Client(settings, cookie=_credentials(settings, wanted, environment))
    if not host and cluster and cluster.tls_server_name:  # this SDK has no setting for it
        client.rest_client.pool_manager.connection_pool_kw["server_hostname"] = cluster.tls_server_name
    return Server(
        client,
        settings.host,
        wanted.namespace,
        patience or Patience(),
        browser and browser.rstrip("/"),
        cluster and _namespace(cluster, wanted),
    )


def forwarding(server: Server, wanted: Wanted) -> str | None:
    """Return the command with which a browser reaches the server's pages; None if they have an address of their own.

    Kubernetes' API server proxies our requests, but not a browser's, which have no credentials.
    """
    if server.browser != FORWARDED:
        return None
    context = f"kubectl --context {wanted.context}" if wanted.context else "kubectl"
    return f"{context} -n {wanted.system_namespace} port-forward svc/ml-pipeline-ui {FORWARDED.rpartition(':')[2]}:80"


def _namespace(cluster: Any, wanted: Wanted) -> "Cluster":
    from kubernetes.client import ApiClient

    from pipelines.runs.cluster import Cluster

    return Cluster(ApiClient(cluster), wanted.namespace or wanted.system_namespace)


def _around_us() -> Any:
    """Return the configuration of the cluster's own API server for a pod with a token; None without one."""
    from kubernetes import config
    from kubernetes.client import Configuration

    cluster = Configuration()
    try:
        config.load_incluster_config(client_configuration=cluster)
    except config.ConfigException:
        return None
    return cluster


def _address(host: str) -> str:
    address = host if "://" in host else f"https://{host}"
    if not _is_address(address):
        raise AttuneError(
            f"{host!r} is not the address of a server",
            where="--host",
            remedy=f"Give it, or {HOST}, as in the browser, such as https://kubeflow.example.org/pipeline.",
        )
    return address.rstrip("/")


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and not text.split()[1:]
    except ValueError:
        return False


def _credentials(settings: Any, wanted: Wanted, environment: Mapping[str, str]) -> str | None:
    """Put a token into `settings`, or return a cookie; neither if the kubeconfig has its own credentials."""
    if wanted.cookie_file:
        return _secret(_content(wanted.cookie_file), wanted.cookie_file)
    token, cookie = environment.get(TOKEN), environment.get(COOKIE)
    mounted = Path(environment.get(SERVICE_ACCOUNT_TOKEN) or MOUNTED_TOKEN)
    if wanted.token_file or (not token and not cookie and mounted.exists()):
        path = wanted.token_file or mounted
        _use_token(settings, lambda: _secret(_content(path), path))
    elif token:
        _use_token(settings, lambda: _secret(token, TOKEN))
    return _secret(cookie, COOKIE) if cookie else None


def _secret(text: str, where: object) -> str:
    """Return credentials as HTTP's headers take them: the SDK would quote others in a traceback."""
    held = text.strip()
    if not held or not held.isascii() or not held.isprintable():
        raise AttuneError(
            "a token or cookie must be a single line of ASCII characters",
            where=where,
            remedy="This is empty, has several lines, or other characters; log in again and store it anew.",
        )
    return held


def _use_token(settings: Any, token: Callable[[], str], prefix: str | None = "Bearer") -> None:
    """Read the token again before every request: the kubelet and others renew the file."""

    def renew(configuration: Any) -> None:
        configuration.api_key["authorization"] = token()

    if prefix:
        settings.api_key_prefix["authorization"] = prefix
    settings.refresh_api_key_hook = renew
    renew(settings)


def _content(path: Path, what: str = "credentials") -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AttuneError(f"the {what} cannot be read ({error})", where=path) from None


def _use_kubeconfig(settings: Any, wanted: Wanted, cluster: Any) -> None:
    service = f"/api/v1/namespaces/{wanted.system_namespace}/services/ml-pipeline:http/proxy"
    settings.host = cluster.host.rstrip("/") + service
    for name in ("verify_ssl", "cert_file", "key_file", "proxy", "proxy_headers"):
        setattr(settings, name, getattr(cluster, name))
    settings.ssl_ca_cert = settings.ssl_ca_cert or cluster.ssl_ca_cert
    if cluster.get_api_key_with_prefix("authorization"):
        held = cluster.get_api_key_with_prefix
        _use_token(settings, lambda: _secret(str(held("authorization")), "kubeconfig"), prefix=None)
