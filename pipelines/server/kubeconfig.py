"""Read the kubeconfig: the API server of a context, credentials for it, and the proxy that leads to it."""

import os
from typing import Any

from attune.errors import AttuneError
from pipelines.server import proxy


def load(context: str | None) -> Any:
    """Return the configuration of Kubernetes' client for a context; None means the current one.

    Raises:
        AttuneError: there is no such context, the kubeconfig cannot be read, or its proxy is of an unknown kind.
    """
    from kubernetes import config
    from kubernetes.client import Configuration
    from kubernetes.config import ConfigException
    from yaml import YAMLError

    cluster = Configuration()  # a separate one: renewing the credentials also resets its host
    cluster.retries = False
    try:
        config.load_kube_config(client_configuration=cluster, context=context)
        own = _proxy_of(context)
    except (ConfigException, OSError) as error:
        raise AttuneError(
            f"no Kubeflow Pipelines server is configured ({error})",
            where="--host",
            remedy="Give --host URL, set KF_PIPELINES_ENDPOINT, or point KUBECONFIG at a cluster that runs it.",
        ) from None
    except (AttributeError, KeyError, TypeError, ValueError, YAMLError) as error:
        raise AttuneError(
            f"the kubeconfig cannot be read ({' '.join(str(error).split())})",
            where=_place(),
            remedy="Mend it, point KUBECONFIG at another, or do without: give --host URL or set KF_PIPELINES_ENDPOINT.",
        ) from None
    if own is None:
        proxy.use(cluster, cluster.host)
    elif own.startswith(("http://", "https://")):
        proxy.through(cluster, own)
    else:
        raise AttuneError(
            f"the cluster's proxy-url {own!r} is not one of http or https",
            where=_place(),
            remedy="Use kubectl, which knows others: `kubectl port-forward -n kubeflow svc/ml-pipeline-ui 8080:80`, "
            "then give --host http://localhost:8080.",
        )
    return cluster


def _proxy_of(context: str | None) -> str | None:
    """Return the `proxy-url` of a context's cluster, which this version of Kubernetes' client does not know."""
    from kubernetes.config import kube_config

    merged = kube_config.KubeConfigMerger(kube_config.KUBE_CONFIG_DEFAULT_LOCATION).config
    name = context or merged["current-context"]
    cluster = merged["clusters"].get_with_name(merged["contexts"].get_with_name(name)["context"]["cluster"])["cluster"]
    return cluster.value.get("proxy-url") or None


def _place() -> str:
    return os.environ.get("KUBECONFIG") or "~/.kube/config"
