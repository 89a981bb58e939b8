"""A run on the server, and whoever looks at it; with the names of four cells."""

from contextlib import contextmanager

import pytest
import yaml
from kubeflow_server import Kubeflow, serving

from pipelines.server.calls import Patience
from pipelines.server.connection import Wanted, connect
from pipelines.server.submission import Order, start, upload

QUICK = Patience(attempts=3, pause=0.01, connect=2.0, read=1.0)
CELLS = [{"system": "mtl-att", "fold": f"session{number}"} for number in (1, 2, 3, 4)]


@contextmanager
def running(package, folder, *, kubeconfig=False, **kubeflow):
    """Yields Kubeflow, a client of it, and the id of a run."""
    with serving(Kubeflow(**kubeflow)) as held, pytest.MonkeyPatch.context() as patch:
        if kubeconfig:
            config = kubeconfig_of(held, folder)
            patch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(config))
        server = connect(Wanted(context="lab") if kubeconfig else Wanted(host=held.address), {}, QUICK)
        order = Order("one", {"cells": CELLS})
        yield held, server, start(server, upload(server, package), order).run_id


def kubeconfig_of(held, folder):
    """A kubeconfig whose API server answers for Kubernetes, and passes on to Kubeflow."""
    path = folder / "kubeconfig"
    cluster = {"name": "c", "cluster": {"server": held.address}}
    context = {"name": "lab", "context": {"cluster": "c", "user": "u"}}
    user = {"name": "u", "user": {"token": "t"}}
    path.write_text(yaml.safe_dump({"clusters": [cluster], "users": [user], "contexts": [context]}))
    return path
