"""Component `features`."""

from typing import Any

from kfp import dsl
from kfp.dsl import Dataset, Input, Output

from components.command import step
from components.train import CHECKPOINTS


@dsl.container_component
def features(
    systems: list[str],
    compute: dict[str, Any],
    ssl: dict[str, Any],
    validated: Input[Dataset],
    store: Input[Dataset],
    features: Output[Dataset],
) -> dsl.ContainerSpec:
    """Compute features for systems that do not use the waveform, once for all folds.

    Args:
        systems: of params.yaml.
        compute: section of params.yaml.
        ssl: section of params.yaml; its folder is on the mounted volume.
        validated: written by `validate`.
        store: written by `preprocess`.
        features: a folder for each system.
    """
    options = {"validated": validated.path, "store": store.path, "checkpoints": CHECKPOINTS, "out": features.path}
    return step("features", {"systems": systems, "compute": compute, "ssl": ssl}, options)
