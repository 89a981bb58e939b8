"""Components `gather-models` and `gather-predictions`: the outputs of all cells, as one artifact.

A step gets its inputs in one argument of at most 131,071 bytes. One list of all cells fits into it, two do not; and
Kubeflow's launcher opens the store of a list from its first artifact alone, so that artifacts cached from another run
are found only if something else of that run is opened: `validated`, which is not read.
"""

from kfp import dsl
from kfp.dsl import Artifact, Dataset, Input, Model, Output

from components.command import attune


@dsl.container_component
def gather_models(validated: Input[Dataset], parts: Input[list[Model]], models: Output[Artifact]) -> dsl.ContainerSpec:
    """Collect the models of every system and fold in one folder.

    Args:
        validated: written by `validate`; not read.
        parts: written by `train`, of every system and fold.
        models: a folder with all of them.
    """
    return attune("gather", "--executor-input", dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER, "--out", models.path)


@dsl.container_component
def gather_predictions(
    validated: Input[Dataset], parts: Input[list[Dataset]], predictions: Output[Artifact]
) -> dsl.ContainerSpec:
    """Collect the predictions of every system and fold in one folder.

    Args:
        validated: written by `validate`; not read.
        parts: written by `predict`, of every system and fold.
        predictions: a folder with all of them.
    """
    return attune("gather", "--executor-input", dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER, "--out", predictions.path)
