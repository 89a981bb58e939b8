"""Component `train`."""

from typing import Any

from kfp import dsl
from kfp.dsl import Dataset, Input, Model, Output

from components.command import GPU, quoted, step

CHECKPOINTS = "/tmp/checkpoints"
"""Folder for checkpoints; with a volume mounted there, an interrupted training run resumes."""


@dsl.container_component
def train(
    system: str,
    fold: str,
    protocol: str,
    compute: dict[str, Any],
    train: dict[str, Any],
    validated: Input[Dataset],
    store: Input[Dataset],
    features: Input[Dataset],
    model: Output[Model],
) -> dsl.ContainerSpec:
    """Train one system on one fold, with early stopping on development UAR.

    Args:
        system: one of those in docs/model.md, such as mtl-att.
        fold: a fold of the protocol.
        protocol: of params.yaml.
        compute: section of params.yaml.
        train: section of params.yaml.
        validated: written by `validate`.
        store: written by `preprocess`.
        features: written by `features`.
        model: weights, description, history.
    """
    params = {"protocol": quoted(protocol), "compute": compute, "train": train}
    options = {
        **{"system": system, "fold": fold, "validated": validated.path, "store": store.path, "features": features.path},
        **{"checkpoints": CHECKPOINTS, "out": model.path},
    }
    return step("train", params, options, image=GPU)
