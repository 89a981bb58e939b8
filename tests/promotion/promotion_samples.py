"""Registered versions made quickly by hand: a run with predictions, a version with the tags of a full lineage."""

import json
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from attune.artifacts.evaluation import TESTED
from attune.evaluation.scoring import as_metrics, score_partitions
from attune.params import Evaluate, Params
from attune.registry import versions
from attune.tasks import PAPER, TASKS
from attune.tracking import client as mlflow_client

PARAMS = Params.model_validate({"evaluate": {"resamples": 100}})


def predictions(errors: float, seed: int = 0, per_dialog: int = 12) -> pd.DataFrame:
    """Pooled predictions of mtl-att as `attune evaluate` writes them; a share `errors` of the classes is wrong."""
    generator = np.random.default_rng(seed)
    rows = []
    for session in range(1, 6):
        for gender in "FM":
            for dialog in ("impro01", "script01"):
                for number in range(per_dialog):
                    rating = [1.5, 3.0, 4.5][number % 3]
                    for task in TASKS:
                        rows.append(
                            {
                                "system": "mtl-att",
                                "fold": f"session{session}",
                                "partition": "test",
                                "utterance": f"Ses0{session}{gender}_{dialog}_{gender}{number:03}",
                                "task": task,
                                "rating": rating,
                                "dialog": f"Ses0{session}{gender}_{dialog}",
                                "session": session,
                                "speaker": f"Ses0{session}{gender}",
                                "gender": gender,
                                "scenario": "improvised" if dialog == "impro01" else "scripted",
                            }
                        )
    table = pd.DataFrame(rows)
    table["actual"] = PAPER[0].to_class(table["rating"])
    wrong = generator.random(len(table)) < errors
    table["predicted"] = np.where(wrong, (table["actual"] + 1) % 3, table["actual"]).astype("int8")
    table["score"] = table["rating"] + generator.normal(0, 0.1 + errors, len(table))
    for number, name in enumerate(("low", "middle", "high")):
        table[name] = np.where(table["predicted"] == number, 0.8, 0.1)
    return table


def register(table: pd.DataFrame | None, tags: dict[str, str | None] | None = None, model: Path | None = None) -> str:
    """Register a version of `attune` with these predictions (None: without) and return its number.

    `tags` replace those of a full lineage; None takes one away.
    """
    client = mlflow_client.connect()
    run_id = client.create_run(mlflow_client.experiment_id(client)).info.run_id
    if table is not None:
        log_predictions(client, run_id, table)
    all_tags = lineage(run_id, table) | (tags or {})
    versions._ensure_registered(client, "attune")
    source = f"{client.get_run(run_id).info.artifact_uri}/model"
    kept = {key: value for key, value in all_tags.items() if value is not None}
    version = client.create_model_version("attune", source, run_id, tags=kept)
    client.set_registered_model_alias("attune", versions.CANDIDATE, version.version)
    return str(version.version)


def log_predictions(client, run_id: str, table: pd.DataFrame) -> None:
    with tempfile.TemporaryDirectory() as folder:
        TESTED.write(Path(folder), table.astype({"actual": "int8"}))
        client.log_artifacts(run_id, folder, "evaluation")


def lineage(run_id: str, table: pd.DataFrame | None) -> dict[str, str]:
    scores = {}
    if table is not None:
        scored = score_partitions(table.assign(system="mtl-att"), Evaluate(resamples=100))
        scores = as_metrics("loso5", scored)["loso5"]["mtl-att"]
    return {
        "attune.git.commit": "c" * 40,
        "attune.git.clean": "true",
        "attune.dvc": json.dumps({"data/store": "0" * 32}),
        "attune.params": json.dumps(PARAMS.model_dump(mode="json", by_alias=True)),
        "attune.protocol": "loso5",
        "attune.system": "mtl-att",
        "attune.folds": json.dumps(PARAMS.folds),
        "attune.seeds": json.dumps({"train": 1}),
        "attune.scores": json.dumps(scores),
        "attune.predictions": f"runs:/{run_id}/evaluation/predictions.parquet",
    }
