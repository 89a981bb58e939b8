"""`python -m attune.tracking.check`: check before a training run whether it can be tracked and registered at all.

A separate process, so that training does not import MLflow. It exits with NO, and the reason, only where waiting would
not help: a server that does not answer or is overloaded is no reason not to train.
"""

import os
import sys

from attune import environment
from attune.errors import AttuneError
from attune.tracking import client as mlflow_client
from attune.tracking import run_tree

NO = 3
"""The exit code for no; any other means that no obstacle is known."""


def main() -> None:
    """Query the server for the experiment, and for the platform's run if there is one."""
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "5")
    try:
        client = mlflow_client.connect()
        with mlflow_client.answering():
            mlflow_client.experiment_id(client)
            if given := os.environ.get(environment.MLFLOW_RUN):
                run_tree.platforms(client, given)
    except AttuneError as error:
        print(error, file=sys.stderr)
        sys.exit(0 if error.passes else NO)


if __name__ == "__main__":
    main()
