"""Component `predict`."""

from typing import Any

from kfp import dsl
from kfp.dsl import Dataset, Input, Model, Output

from components.command import step


@dsl.container_component
def predict(
    compute: dict[str, Any],
    model: Input[Model],
    validated: Input[Dataset],
    store: Input[Dataset],
    features: Input[Dataset],
    predictions: Output[Dataset],
) -> dsl.ContainerSpec:
    """Predict development and test utterances of a model's fold, attention weights included.

    Args:
        compute: section of params.yaml.
        model: written by `train`.
        validated: written by `validate`.
        store: written by `preprocess`.
        features: written by `features`.
        predictions: predictions and attention weights.
    """
    options = {
        **{"model": model.path, "validated": validated.path, "store": store.path},
        **{"features": features.path, "out": predictions.path},
    }
    return step("predict", {"compute": compute}, options)
