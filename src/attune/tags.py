"""The names of the tags that attune sets on runs and versions in MLflow."""

EXECUTION = "attune.execution"
"""Of a run: the key shared by all runs of one execution of the graph."""
EXPERIMENT = "attune.experiment"
"""Of a run: the DVC experiment that it is part of."""
PARENT = "mlflow.parentRunId"
SYSTEM, FOLD, TRAINING = "attune.system", "attune.fold", "attune.training"
REQUEST = "attune.request"
"""Of a run and a logged model: the request that created it, until that was answered."""
SUPERSEDED, BACKFILLED = "attune.superseded", "attune.backfilled"
PIPELINE_RUN = "attune.pipeline_run"

MODEL = "attune.model"
"""Of a version: a digest of its networks and scores, by which it is recognised."""
FILES = "attune.files"
"""Of a version: a digest of its checksum lists, verified before any of its files is used."""
ENCODER = "attune.encoder"
"""Of a version that uses an encoder: SHA-256 of the encoder's folder."""
VERSION, GIT_COMMIT, GIT_CLEAN, GIT_CHANGED = (
    "attune.version",
    "attune.git.commit",
    "attune.git.clean",
    "attune.git.changed",
)
DVC, PARAMS, PROTOCOL, FOLDS, SEEDS, SCORES = (
    "attune.dvc",
    "attune.params",
    "attune.protocol",
    "attune.folds",
    "attune.seeds",
    "attune.scores",
)
REPORT, PREDICTIONS, LINEAGE = "attune.report", "attune.predictions", "attune.lineage"
"""Of a version: addresses of artifacts of its run."""

PROMOTION, REASON, PROMOTED_BY, VERDICT = (
    "attune.promotion",
    "attune.promotion.reason",
    "attune.promotion.by",
    "attune.promotion.verdict",
)
"""Of a version: the outcome of its last judgement."""

HISTORY = "attune.history."
"""Prefix of the tags of an entry in the champion history."""

COST = "attune.cost"
"""Of a version: megabytes, and seconds of CPU time per second of audio, as measured by `attune promote`."""
