"""Component `attention`."""

from typing import Any

from kfp import dsl
from kfp.dsl import Dataset, Input, Output

from components.command import quoted, step


@dsl.container_component
def attention(
    protocol: str,
    folds: list[str],
    systems: list[str],
    evaluate: dict[str, Any],
    attention: dict[str, Any],
    corpus: Input[Dataset],
    validated: Input[Dataset],
    store: Input[Dataset],
    predictions: Input[list[Dataset]],
    findings: Output[Dataset],
) -> dsl.ContainerSpec:
    """Ask of the attention weights: how peaked, do they follow energy, do they find the known cue.

    Args:
        protocol: of params.yaml.
        folds: of params.yaml.
        systems: of params.yaml.
        evaluate: section of params.yaml.
        attention: section of params.yaml.
        corpus: written by `corpus`.
        validated: written by `validate`.
        store: written by `preprocess`.
        predictions: written by `predict`, of every system and fold.
        findings: statistics and figures.
    """
    params = {
        **{"protocol": quoted(protocol), "folds": folds, "systems": systems},
        **{"evaluate": evaluate, "attention": attention},
    }
    options = {"corpus": corpus.path, "validated": validated.path, "store": store.path, "out": findings.path}
    return step("attention", params, options, fan_in=["predictions"])
