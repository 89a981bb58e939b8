"""Component `data-version`."""

from typing import Any

from kfp import dsl
from kfp.dsl import OutputPath

from components.command import attune


@dsl.container_component
def data_version(
    corpus: dict[str, Any],
    root: str,
    data_version: str,
    version: OutputPath(str),  # type: ignore[valid-type]
) -> dsl.ContainerSpec:
    """Report a version that identifies the data as it is now, so that recurring runs notice new data.

    Args:
        corpus: section of params.yaml.
        root: a real corpus: a folder on the mounted volume, or an address.
        data_version: used unchanged if given.
        version: a digest; empty for a synthetic corpus, which its parameters identify.
    """
    params = f'{{"corpus": {corpus}}}'
    return attune(
        *("data-version", "--executor-input", dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER),
        *("--params", params, "--root", root, "--given", data_version),
    )
