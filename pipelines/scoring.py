"""The scoring pipeline: score a batch of audio with a registered model and write the table back."""

from typing import Any

from kfp import dsl

import components as step
from pipelines.places import mounts_data, place, reaches
from pipelines.settings import Settings

NAME = "attune-scoring"


def build(settings: Settings) -> Any:
    """Return the pipeline, for kfp's compiler.

    Args:
        settings: where and how its task runs.
    """

    @dsl.pipeline(name=NAME, description="Score a batch of audio for the tasks of a registered model.")
    def scoring(audio: str, table: str = "", model: str = "champion") -> None:
        """Args:
        audio: files to score: a folder below the mounted volume, or an address.
        table: address that scores.csv is copied to; empty to leave it with Kubeflow's artifacts.
        model: a version number, an alias, or models:/NAME@ALIAS.
        """
        scored = place(step.score(audio=audio, model=model, table=table), settings)
        mounts_data(scored, settings).set_caching_options(enable_caching=False)
        reaches(scored, settings, "s3", "mlflow")

    return scoring
