"""Component `report`."""

from typing import Any

from kfp import dsl
from kfp.dsl import HTML, Artifact, Dataset, Input, Metrics, Output

from components.command import quoted, step


@dsl.container_component
def report(
    protocol: str,
    folds: list[str],
    systems: list[str],
    evaluate: dict[str, Any],
    report: dict[str, Any],
    register: dict[str, Any],
    data_version: str,
    corpus: Input[Dataset],
    validated: Input[Dataset],
    store: Input[Dataset],
    models: Input[Artifact],
    predictions: Input[Artifact],
    metrics: Input[Metrics],
    evaluation: Input[Dataset],
    attention: Input[Dataset],
    curves: Output[Dataset],
    page: Output[HTML],
) -> dsl.ContainerSpec:
    """Write the results page: one self-contained HTML file.

    Args:
        protocol: of params.yaml.
        folds: of params.yaml.
        systems: of params.yaml.
        evaluate: section of params.yaml.
        report: section of params.yaml.
        register: section of params.yaml.
        data_version: what identifies the corpus.
        corpus: written by `corpus`.
        validated: written by `validate`.
        store: written by `preprocess`.
        models: put together by `gather-models`.
        predictions: put together by `gather-predictions`.
        metrics: written by `evaluate`.
        evaluation: written by `evaluate`.
        attention: written by `attention`.
        curves: every epoch of every training run, as a table.
        page: the page.
    """
    params = {
        **{"protocol": quoted(protocol), "folds": folds, "systems": systems},
        **{"evaluate": evaluate, "report": report, "register": register},
    }
    options = {
        **{"corpus": corpus.path, "validated": validated.path, "store": store.path, "metrics": metrics.path},
        **{"evaluation": evaluation.path, "attention": attention.path},
    }
    options |= {"models": models.path, "predictions": predictions.path, "curves": curves.path, "out": page.path}
    return step("report", params, options, extra=["--data-version", data_version])
