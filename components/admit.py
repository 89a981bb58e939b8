"""Component `admit`."""

from kfp import dsl

from components.command import attune


@dsl.container_component
def admit(refusal: str) -> dsl.ContainerSpec:
    """Stop the run if validation refused the data; its data docs are at `validate`.

    Args:
        refusal: why `validate` refused the data; empty if it did not.
    """
    return attune("admit", "--refusal", refusal)
