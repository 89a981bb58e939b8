"""The proxy in front of a server, from the variables that kubectl and curl read too, but neither SDK does."""

from typing import Any
from urllib.parse import urlsplit

from requests.utils import (  # type: ignore[import-untyped]
    get_auth_from_url,
    get_environ_proxies,
    prepend_scheme_if_needed,
    select_proxy,
)
from urllib3.util import make_headers

HERE = ("localhost", "127.0.0.1", "::1")
"""Never asked for through a proxy, such as what `kubectl port-forward` opens."""


def use(settings: Any, address: str) -> None:
    """Let a client's settings send requests through the proxy that HTTPS_PROXY and NO_PROXY name for this address."""
    found = None if urlsplit(address).hostname in HERE else select_proxy(address, get_environ_proxies(address))
    proxy = prepend_scheme_if_needed(found, "http") if found else ""
    if proxy.startswith("http"):  # not of a kind that the SDKs do not know, such as socks5
        through(settings, proxy)


def through(settings: Any, proxy: str) -> None:
    """Let a client's settings send requests through a proxy, with the account that its address names."""
    settings.proxy = proxy
    if any(account := get_auth_from_url(proxy)):
        settings.proxy_headers = make_headers(proxy_basic_auth=":".join(account))
