"""Component `close`."""

from kfp import dsl

from components.command import attune


@dsl.container_component
def close(status: dsl.PipelineTaskFinalStatus) -> dsl.ContainerSpec:
    """Close the MLflow runs that the pipeline run left open, as it ended.

    Args:
        status: how the steps ended.
    """
    return attune("close", "--status", status)
