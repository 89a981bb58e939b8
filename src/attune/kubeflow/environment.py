"""Our environment variables in a pod, under a prefix of our own.

Kubeflow's launcher runs in the same container and reads AWS_* for its own store, and its MLflow plugin sets MLFLOW_*;
neither may conflict with ours.
"""

from collections.abc import MutableMapping

PREFIX = "ATTUNE_POD_"


def adopt(environment: MutableMapping[str, str]) -> None:
    """Set NAME from ATTUNE_POD_NAME, for this process and those it starts; empty values are ignored."""
    for name, value in list(environment.items()):
        if name.startswith(PREFIX) and value:
            environment[name.removeprefix(PREFIX)] = value
