"""Component `features`."""

from kfp import dsl
from kfp.dsl import Dataset, Input, Output

from components.command import step
from components.train import CHECKPOINTS


@dsl.container_component
def features(
    systems: list[str],
    validated: Input[Dataset],
    store: Input[Dataset],
    features: Output[Dataset],
) -> dsl.ContainerSpec:
    """Compute what systems take instead of the waveform, once for all folds.

    Args:
        systems: of params.yaml.
        validated: written by `validate`.
        store: written by `preprocess`.
        features: a folder for each system.
    """
    options = {"validated": validated.path, "store": store.path, "checkpoints": CHECKPOINTS, "out": features.path}
    return step("features", {"systems": systems}, options)
