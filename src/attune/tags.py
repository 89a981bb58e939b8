"""The names of the tags that attune gives runs and versions in MLflow."""

EXECUTION = "attune.execution"
"""Of a run: what all runs of one execution of the graph have in common."""
EXPERIMENT = "attune.experiment"
"""Of a run: the experiment of DVC that it is part of."""
PARENT = "mlflow.parentRunId"
SYSTEM, FOLD, TRAINING = "attune.system", "attune.fold", "attune.training"
REQUEST = "attune.request"
"""Of a run and a logged model: which request created it, until somebody was told so."""
SUPERSEDED, BACKFILLED = "attune.superseded", "attune.backfilled"
PIPELINE_RUN = "attune.pipeline_run"

MODEL = "attune.model"
"""Of a version: a digest of what it is, by which it is known again."""
FILES = "attune.files"
"""Of a version: a digest of the lists of its files, without which none of them is used."""
ENCODER = "attune.encoder"
"""Of a version on an encoder: SHA-256 of the folder it was read from."""
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
"""Of a version: what the last judgement of it came to."""

HISTORY = "attune.history."
"""Prefix of the tags of an entry in the history of champions."""

COST = "attune.cost"
"""Of a version: what `attune promote` measured, megabytes and seconds of processor time per second of audio."""
