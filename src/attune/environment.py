"""The environment variables that attune reads or sets, by what they are for."""

TRACKING = "ATTUNE_TRACKING"
"""`off` keeps a training run to itself; the register step records it all the same."""
SPOOL = "ATTUNE_SPOOL"
"""The folder that keeps what is still to be sent to MLflow; default: `.attune/tracking`."""
WORKERS = "ATTUNE_WORKERS"
"""How many processes make a large synthetic corpus; default: as many as there are processors, eight at most."""
PIPELINE_RUN = "ATTUNE_PIPELINE_RUN"
"""The id of the Kubeflow run, if any."""
LAUNCHER, LAUNCHER_UID = "ATTUNE_LAUNCHER", "ATTUNE_LAUNCHER_UID"
"""The pod that makes a TrainJob: its name and identity."""
GIT_COMMIT, GIT_CLEAN, DATA_MD5 = "ATTUNE_GIT_COMMIT", "ATTUNE_GIT_CLEAN", "ATTUNE_DATA_MD5"
"""What an image without git and DVC cannot find out: the commit, `true` or `false`, and JSON of path to md5."""

MLFLOW_ADDRESS = "MLFLOW_TRACKING_URI"
MLFLOW_USER, MLFLOW_PASSWORD, MLFLOW_TOKEN = (
    "MLFLOW_TRACKING_USERNAME",
    "MLFLOW_TRACKING_PASSWORD",
    "MLFLOW_TRACKING_TOKEN",
)
MLFLOW_EXPERIMENT_ID, MLFLOW_EXPERIMENT_NAME = "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME"
MLFLOW_RUN = "MLFLOW_RUN_ID"
"""The run that a platform began for this execution, if it did."""

DVC_ROOT = "DVC_ROOT"
"""Set by DVC while it runs a stage: the project's folder."""
DVC_EXPERIMENT = "DVC_EXP_NAME"
"""Set by DVC while `dvc exp run` or its queue runs a stage: the experiment's name."""
