"""`python -m attune.tracking.check`: before a training run, whether what it does can be tracked and registered at all.

In a process of its own, so that training imports nothing of MLflow. It ends with NO, and the reason, only where waiting
would not help: a server that is silent or overloaded is no reason not to train.
"""

import os
import sys

from attune import environment
from attune.errors import AttuneError
from attune.tracking import client as mlflow_client
from attune.tracking import run_tree

NO = 3
"""The exit code that says no; any other says that nothing is known against it."""


def main() -> None:
    """Ask the server for the experiment, and for the platform's run if there is one."""
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
