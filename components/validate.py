"""Component `validate`."""

from typing import Any

from kfp import dsl
from kfp.dsl import HTML, Dataset, Input, Output, OutputPath

from components.command import step


@dsl.container_component
def validate(
    validate: dict[str, Any],
    root: str,
    data_version: str,
    corpus: Input[Dataset],
    validated: Output[Dataset],
    docs: Output[HTML],
    refusal: OutputPath(str),  # type: ignore[valid-type]
) -> dsl.ContainerSpec:
    """Check labels and audio; faults are reported, and `admit` stops the run if the data is refused.

    It succeeds even if it refuses the data, since Kubeflow keeps no artifacts of a failed component.

    Args:
        validate: section of params.yaml.
        root: a real corpus: a folder on the mounted volume, or an address.
        data_version: what identifies the bytes at root.
        corpus: written by `corpus`.
        validated: accepted utterances, the quarantine, data docs.
        docs: the data docs' first page.
        refusal: why the data is refused; empty if it is not.
    """
    options = {"corpus": corpus.path, "root": root, "out": validated.path}
    return step("validate", {"validate": validate}, options, download=root, extra=["--refusal", "refusal"])
