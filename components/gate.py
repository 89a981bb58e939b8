"""Component `gate`."""

from typing import Any

from kfp import dsl
from kfp.dsl import Dataset, Input

from components.command import attune, quoted


@dsl.container_component
def gate(
    protocol: str, register: dict[str, Any], minimum: dict[str, Any], evaluation: Input[Dataset]
) -> dsl.ContainerSpec:
    """Stop the run if the interval of a score does not reach its minimum.

    Args:
        protocol: of params.yaml.
        register: section of params.yaml; says which system.
        minimum: {task: {uar or ccc: smallest acceptable lower end of its interval}}.
        evaluation: written by `evaluate`.
    """
    params = f'{{"protocol": {quoted(protocol)}, "register": {register}}}'
    return attune("gate", "--params", params, "--minimum", minimum, "--evaluation", evaluation.path)
