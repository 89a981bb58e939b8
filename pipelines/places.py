"""Configure a task on a cluster: image, resources, timeout, volumes, credentials."""

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from kfp import dsl, kubernetes
from kfp.dsl.pipeline_channel import PipelineChannel

from attune.environment import LAUNCHER, LAUNCHER_UID, PIPELINE_RUN
from attune.kubeflow.checkpoints import ADDRESS
from attune.kubeflow.environment import PREFIX
from components.train import CHECKPOINTS
from pipelines.settings import Pod, Settings

S3_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
MLFLOW_KEYS = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")
CONFIG_KEYS = (
    "MLFLOW_TRACKING_URI",
    "AWS_ENDPOINT_URL",
    "AWS_DEFAULT_REGION",
    "AWS_REQUEST_CHECKSUM_CALCULATION",
    "AWS_RESPONSE_CHECKSUM_VALIDATION",
)
"""The same as in deploy/base/settings.env."""


LABEL = ("app.kubernetes.io/part-of", "attune")
"""On every pod of a step; deploy/base/network.yaml selects it."""


def place(task: dsl.PipelineTask, settings: Settings) -> dsl.PipelineTask:
    """Configure a step that computes on CPU."""
    return _place(task, settings, settings.images.cpu, settings.steps)


def place_light(task: dsl.PipelineTask, settings: Settings) -> dsl.PipelineTask:
    """Configure a step that only checks something, and may stop the run."""
    return _place(task, settings, settings.images.cpu, settings.light)


class Size(NamedTuple):
    """The size of a training pod: arguments of the pipeline, which Kubeflow accepts only as strings."""

    cpu: Any
    memory: Any
    gpus: Any


def place_on_gpu(task: dsl.PipelineTask, settings: Settings, size: Size) -> dsl.PipelineTask:
    """Configure a training step: accelerator, shared memory, scheduling, storage for checkpoints."""
    own = settings.train
    _place(task, settings, settings.images.gpu, own)
    task.register_pipeline_channels(_channels(size))  # kfp does not pass the sizes' parameters into a loop by itself
    task.set_cpu_request(size.cpu).set_memory_request(size.memory).set_memory_limit(size.memory)
    if own.gpu.count:
        task.set_accelerator_type(own.gpu.type).set_accelerator_limit(size.gpus)
    kubernetes.empty_dir_mount(task, "shared-memory", "/dev/shm", medium="Memory", size_limit=own.shared_memory)
    for key, value in own.node_selector.items():
        kubernetes.add_node_selector(task, key, value)
    for toleration in own.tolerations:
        kubernetes.add_toleration(
            task, key=toleration.key, operator=toleration.operator, value=toleration.value, effect=toleration.effect
        )
    if not own.checkpoints.startswith("s3://"):
        if own.checkpoints:
            kubernetes.mount_pvc(task, pvc_name=own.checkpoints, mount_path=CHECKPOINTS)
        return reaches(task, settings, "mlflow")
    task.set_env_variable(ADDRESS, own.checkpoints)
    return reaches(task, settings, "s3", "mlflow")


def _channels(size: Size) -> list[PipelineChannel]:
    return [value for value in size if isinstance(value, PipelineChannel)]


def place_launcher(task: dsl.PipelineTask, settings: Settings) -> dsl.PipelineTask:
    """Configure training on several nodes: the pod that creates and follows them, on their shared volume."""
    own = settings.train
    _place(task, settings, settings.images.cpu, settings.light.model_copy(update={"timeout": own.timeout}))
    kubernetes.mount_pvc(task, pvc_name=own.checkpoints, mount_path=CHECKPOINTS)
    kubernetes.use_field_path_as_env(task, LAUNCHER, "metadata.name")
    kubernetes.use_field_path_as_env(task, LAUNCHER_UID, "metadata.uid")
    kubernetes.use_field_path_as_env(task, PIPELINE_RUN, "metadata.labels['pipeline/runid']")
    return task


def each_node(settings: Settings, size: Size) -> dict[str, Any]:
    """Return a TrainJob's requests, as arguments of the component; the scheduling of its pods is in its runtime."""
    own = settings.train
    where = {"count": str(own.nodes), "image": settings.images.gpu, "runtime": own.runtime, "gpu_type": own.gpu.type}
    return where | {"cpu": size.cpu, "memory": size.memory, "gpus": size.gpus if own.gpu.count else "0"}


def mounts_data(task: dsl.PipelineTask, settings: Settings) -> dsl.PipelineTask:
    """Mount the data volume, if there is one."""
    if settings.data.claim:
        kubernetes.mount_pvc(task, pvc_name=settings.data.claim, mount_path=settings.data.mount)
    return task


def reaches(task: dsl.PipelineTask, settings: Settings, *services: Literal["s3", "mlflow"]) -> dsl.PipelineTask:
    """Give a step access to S3 or MLflow, besides the artifacts that Kubeflow transfers.

    What it tracks belongs to the pipeline run, whose id Kubeflow writes on every pod as a label. Passed as a parameter,
    the id would disable the cache.
    """
    mapped, (address, *others) = settings.config_map, CONFIG_KEYS
    if "mlflow" in services:  # required, since what is tracked inside a pod is lost with it
        kubernetes.use_config_map_as_env(task, mapped, _named([address]))
    else:
        others = list(CONFIG_KEYS)
    kubernetes.use_config_map_as_env(task, mapped, _named(others), optional=True)
    if "s3" in services:
        kubernetes.use_secret_as_env(task, settings.secrets.s3, _named(S3_KEYS), optional=True)
    if "mlflow" in services:
        kubernetes.use_secret_as_env(task, settings.secrets.mlflow, _named(MLFLOW_KEYS), optional=True)
        kubernetes.use_field_path_as_env(task, PIPELINE_RUN, "metadata.labels['pipeline/runid']")
    return task


def _named(keys: Iterable[str]) -> dict[str, str]:
    return {key: f"{PREFIX}{key}" for key in keys}


def _place(task: dsl.PipelineTask, settings: Settings, image: str, pod: Pod) -> dsl.PipelineTask:
    task.set_container_image(image)
    task.set_cpu_request(pod.cpu)
    if pod.cpu_limit:
        task.set_cpu_limit(pod.cpu_limit)
    task.set_memory_request(pod.memory).set_memory_limit(pod.memory)
    if pod.retries:
        # Argo counts it from the first pod's start, and it also ends the pods of later tries
        longest = f"{pod.timeout * (pod.retries + 1)}s"
        task.set_retry(pod.retries, backoff_duration="30s", backoff_factor=2, backoff_max_duration=longest)
    if not settings.cache:
        task.set_caching_options(enable_caching=False)
    kubernetes.set_timeout(task, pod.timeout)
    kubernetes.set_image_pull_policy(task, settings.images.pull_policy)
    kubernetes.add_pod_label(task, *LABEL)
    if settings.backend != "2.15":  # its server rejects unknown fields such as this
        kubernetes.set_security_context(task, run_as_non_root=True)
    if settings.images.pull_secret:
        kubernetes.set_image_pull_secrets(task, [settings.images.pull_secret])
    return task
