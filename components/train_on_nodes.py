"""Component `train` for several nodes: the same step, done by a TrainJob that it creates."""

from typing import Any

from kfp import dsl
from kfp.dsl import Dataset, Input, Model, Output

from components.command import CPU, quoted, step
from components.train import CHECKPOINTS


@dsl.container_component
def train(
    system: str,
    fold: str,
    protocol: str,
    compute: dict[str, Any],
    train: dict[str, Any],
    count: str,
    image: str,
    runtime: str,
    gpu_type: str,
    cpu: str,
    memory: str,
    gpus: str,
    validated: Input[Dataset],
    store: Input[Dataset],
    features: Input[Dataset],
    model: Output[Model],
) -> dsl.ContainerSpec:
    """Train one system on one fold on several nodes, with early stopping on development UAR.

    Args:
        system: one of those in docs/model.md, such as mtl-att.
        fold: a fold of the protocol.
        protocol: of params.yaml.
        compute: section of params.yaml.
        train: section of params.yaml.
        count: how many nodes.
        image: the one that they run.
        runtime: the TrainingRuntime that says where they run.
        gpu_type: the resource that a node offers.
        cpu: of each node.
        memory: of each node.
        gpus: of each node.
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
    size = {
        **{"count": count, "image": image, "runtime": runtime, "gpu_type": gpu_type},
        **{"cpu": cpu, "memory": memory, "gpus": gpus},
    }
    nodes = ", ".join(f'"{key}": {quoted(value)}' for key, value in size.items())
    return step("train", params, options, image=CPU, extra=["--nodes", f"{{{nodes}}}"])
