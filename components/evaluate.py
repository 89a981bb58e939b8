"""Component `evaluate`."""

from typing import Any

from kfp import dsl
from kfp.dsl import HTML, Artifact, Dataset, Input, Metrics, Output

from components.command import quoted, step


@dsl.container_component
def evaluate(
    protocol: str,
    folds: list[str],
    systems: list[str],
    evaluate: dict[str, Any],
    validated: Input[Dataset],
    features: Input[Dataset],
    predictions: Input[Artifact],
    metrics: Output[Metrics],
    scores: Output[Dataset],
    confusions: Output[HTML],
) -> dsl.ContainerSpec:
    """Score all predictions with clustered bootstrap intervals; compare with chance, majority and the published table.

    Args:
        protocol: of params.yaml.
        folds: of params.yaml.
        systems: of params.yaml.
        evaluate: section of params.yaml.
        validated: written by `validate`.
        features: written by `features`.
        predictions: put together by `gather-predictions`.
        metrics: metrics.json, its pooled test scores shown as scalars.
        scores: tables, confusion counts, pooled predictions.
        confusions: a page with the confusion matrix of every system and task.
    """
    params = {"protocol": quoted(protocol), "folds": folds, "systems": systems, "evaluate": evaluate}
    options = {"validated": validated.path, "features": features.path, "predictions": predictions.path}
    options |= {"metrics": metrics.path, "out": scores.path}
    return step("evaluate", params, options)
