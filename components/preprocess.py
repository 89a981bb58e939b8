"""Component `preprocess`."""

from typing import Any

from kfp import dsl
from kfp.dsl import Dataset, Input, Output

from components.command import step


@dsl.container_component
def preprocess(
    preprocess: dict[str, Any],
    root: str,
    data_version: str,
    corpus: Input[Dataset],
    validated: Input[Dataset],
    store: Output[Dataset],
) -> dsl.ContainerSpec:
    """Decode, mix down, resample and pack the accepted utterances into the waveform store.

    Args:
        preprocess: section of params.yaml.
        root: a real corpus: a folder on the mounted volume, or an address.
        data_version: what identifies the bytes at root.
        corpus: written by `corpus`.
        validated: written by `validate`.
        store: the waveform store.
    """
    options = {"corpus": corpus.path, "root": root, "validated": validated.path, "out": store.path}
    return step("preprocess", {"preprocess": preprocess}, options, download=root)
