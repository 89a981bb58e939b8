"""Component `admit`."""

from kfp import dsl

from components.command import attune


@dsl.container_component
def admit(refusal: str) -> dsl.ContainerSpec:
    """Stop the run where validation refused the data; its data docs are at `validate`.

    Args:
        refusal: what `validate` says; empty if the data is fit.
    """
    return attune("admit", "--refusal", refusal)
