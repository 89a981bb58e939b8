"""Component `attention`."""

from typing import Any

from kfp import dsl
from kfp.dsl import Artifact, Dataset, Input, Output

from components.command import quoted, step
from components.train import CHECKPOINTS


@dsl.container_component
def attention(
    protocol: str,
    folds: list[str],
    systems: list[str],
    compute: dict[str, Any],
    evaluate: dict[str, Any],
    attention: dict[str, Any],
    corpus: Input[Dataset],
    validated: Input[Dataset],
    store: Input[Dataset],
    models: Input[Artifact],
    predictions: Input[Artifact],
    findings: Output[Dataset],
) -> dsl.ContainerSpec:
    """Measure how peaked attention is, whether it finds the known cue, and whether the networks need it.

    Args:
        protocol: of params.yaml.
        folds: of params.yaml.
        systems: of params.yaml.
        compute: section of params.yaml.
        evaluate: section of params.yaml.
        attention: section of params.yaml.
        corpus: written by `corpus`.
        validated: written by `validate`.
        store: written by `preprocess`.
        models: put together by `gather-models`.
        predictions: put together by `gather-predictions`.
        findings: statistics and figures.
    """
    params = {
        **{"protocol": quoted(protocol), "folds": folds, "systems": systems},
        **{"compute": compute, "evaluate": evaluate, "attention": attention},
    }
    options = {"corpus": corpus.path, "validated": validated.path, "store": store.path, "out": findings.path}
    options |= {"models": models.path, "predictions": predictions.path, "checkpoints": CHECKPOINTS}
    return step("attention", params, options)
