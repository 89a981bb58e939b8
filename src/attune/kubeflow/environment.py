"""Our settings in a pod, under names of our own.

Kubeflow's launcher runs in the same container and reads AWS_* for its own store, and its MLflow plugin sets MLFLOW_*;
neither may meet ours.
"""

from collections.abc import MutableMapping

PREFIX = "ATTUNE_POD_"


def adopt(environment: MutableMapping[str, str]) -> None:
    """Give what is there as ATTUNE_POD_NAME the name NAME, for this process and those it starts; empty is not there."""
    for name, value in list(environment.items()):
        if name.startswith(PREFIX) and value:
            environment[name.removeprefix(PREFIX)] = value
