"""The environment variables that attune reads or sets."""

TRACKING = "ATTUNE_TRACKING"
"""`off` disables tracking during training; the register step records the run all the same."""
SPOOL = "ATTUNE_SPOOL"
"""The folder with events still to be sent to MLflow; default: `.attune/tracking`."""
WORKERS = "ATTUNE_WORKERS"
"""Number of processes that generate a large synthetic corpus; default: one per core, at most eight."""
PIPELINE_RUN = "ATTUNE_PIPELINE_RUN"
"""The id of the Kubeflow run, if any."""
LAUNCHER, LAUNCHER_UID = "ATTUNE_LAUNCHER", "ATTUNE_LAUNCHER_UID"
"""Name and UID of the pod that creates a TrainJob."""
GIT_COMMIT, GIT_CLEAN, DATA_MD5 = "ATTUNE_GIT_COMMIT", "ATTUNE_GIT_CLEAN", "ATTUNE_DATA_MD5"
"""Lineage that an image without git and DVC cannot determine: the commit, `true` or `false`, JSON of path to md5."""

MLFLOW_ADDRESS = "MLFLOW_TRACKING_URI"
MLFLOW_USER, MLFLOW_PASSWORD, MLFLOW_TOKEN = (
    "MLFLOW_TRACKING_USERNAME",
    "MLFLOW_TRACKING_PASSWORD",
    "MLFLOW_TRACKING_TOKEN",
)
MLFLOW_EXPERIMENT_ID, MLFLOW_EXPERIMENT_NAME = "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME"
MLFLOW_RUN = "MLFLOW_RUN_ID"
"""The MLflow run that a platform started for this execution, if any."""

DVC_ROOT = "DVC_ROOT"
"""Set by DVC while it runs a stage: the project's folder."""
DVC_EXPERIMENT = "DVC_EXP_NAME"
"""Set by DVC while `dvc exp run` or its queue runs a stage: the experiment's name."""
