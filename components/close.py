"""Component `close`."""

from kfp import dsl

from components.command import attune


@dsl.container_component
def close(job: str, status: dsl.PipelineTaskFinalStatus) -> dsl.ContainerSpec:
    """Close the MLflow runs that the pipeline run left open, as it ended.

    Args:
        job: the pipeline run's id.
        status: how the steps ended.
    """
    return attune("close", "--job", job, "--status", status)
