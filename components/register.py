"""Component `register`."""

from typing import Any

from kfp import dsl
from kfp.dsl import HTML, Artifact, Dataset, Input, Metrics, Output

from components.command import quoted, step


@dsl.container_component
def register(
    corpus: dict[str, Any],
    protocol: str,
    folds: list[str],
    systems: list[str],
    validate: dict[str, Any],
    preprocess: dict[str, Any],
    ssl: dict[str, Any],
    compute: dict[str, Any],
    train: dict[str, Any],
    evaluate: dict[str, Any],
    # `attention` and `report` are both sections of params.yaml and outputs of those steps
    attention_params: dict[str, Any],
    report_params: dict[str, Any],
    register: dict[str, Any],
    data_version: str,
    models: Input[Artifact],
    metrics: Input[Metrics],
    evaluation: Input[Dataset],
    attention: Input[Dataset],
    report: Input[HTML],
    registered: Output[Artifact],
) -> dsl.ContainerSpec:
    """Track the run in MLflow and register the chosen system as a new version, alias `candidate`.

    Args:
        corpus: section of params.yaml, as the next twelve.
        data_version: what identifies the corpus.
        models: put together by `gather-models`.
        metrics: written by `evaluate`.
        evaluation: written by `evaluate`.
        attention: written by `attention`.
        report: written by `report`.
        registered: name, version, run and tracking server.
    """
    params = {
        **{"corpus": corpus, "protocol": quoted(protocol), "folds": folds, "systems": systems, "validate": validate},
        **{"preprocess": preprocess, "ssl": ssl, "compute": compute, "train": train, "evaluate": evaluate},
        **{"attention": attention_params, "report": report_params, "register": register},
    }
    options = {
        **{"models": models.path, "metrics": metrics.path, "evaluation": evaluation.path, "attention": attention.path},
        **{"report": report.path, "out": registered.path},
    }
    return step("register", params, options, extra=["--data-version", data_version])
