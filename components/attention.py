"""Component `attention`."""

from typing import Any

from kfp import dsl
from kfp.dsl import Dataset, Input, Model, Output

from components.command import quoted, step


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
    models: Input[list[Model]],
    predictions: Input[list[Dataset]],
    findings: Output[Dataset],
) -> dsl.ContainerSpec:
    """Ask of attention how peaked it is, whether it finds the known cue, whether the networks need what they attend to.

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
        models: written by `train`, of every system and fold.
        predictions: written by `predict`, of every system and fold.
        findings: statistics and figures.
    """
    params = {
        **{"protocol": quoted(protocol), "folds": folds, "systems": systems},
        **{"compute": compute, "evaluate": evaluate, "attention": attention},
    }
    options = {"corpus": corpus.path, "validated": validated.path, "store": store.path, "out": findings.path}
    return step("attention", params, options, fan_in=["models", "predictions"])
