"""settings.yaml as frozen, typed, strict objects: where and how the pipelines run on a cluster."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from attune.errors import AttuneError
from attune.params import Section, readable
from attune.settings import parameter_text

FILE = Path(__file__).with_name("settings.yaml")
PINNED = re.compile(r"[^@\s]+@sha256:[0-9a-f]{64}")


def _number_as_text(value: Any) -> Any:
    """Accept numbers as text, as Kubernetes does: `--set steps.cpu=2` is parsed as a number."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Text = Annotated[str, BeforeValidator(_number_as_text)]
Quantity = Annotated[Text, Field(pattern=r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$")]
NoneOrQuantity = Annotated[Text, Field(pattern=r"^([0-9]+(\.[0-9]+)?m?)?$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", max_length=253)]
Optional = Annotated[str, Field(pattern=r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$", max_length=253)]
"""A name, or empty for none."""
NotNegative = Annotated[int, Field(ge=0)]
Seconds = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=1)]


class Images(Section):
    cpu: Annotated[str, Field(min_length=1)]
    gpu: Annotated[str, Field(min_length=1)]
    pull_policy: Literal["IfNotPresent", "Always", "Never"]
    pull_secret: Optional


class Pod(Section):
    cpu: Quantity
    """Requested: what a node must have free."""
    cpu_limit: NoneOrQuantity
    """Limit of the pod; empty for all that is free."""
    memory: Quantity
    timeout: Seconds
    retries: NotNegative


class Gpu(Section):
    type: Annotated[str, Field(min_length=1)]
    count: NotNegative


class Toleration(Section):
    key: str = ""
    operator: Literal["Exists", "Equal"] = "Equal"
    value: str = ""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute", ""] = ""

    @model_validator(mode="after")
    def _names_a_taint_or_means_all(self) -> "Toleration":
        if not self.key and self.operator != "Exists":
            raise ValueError("a toleration without a key is for all taints: operator: Exists")
        return self


class TrainPod(Pod):
    resizable: bool
    shared_memory: Quantity
    nodes: Count
    runtime: Name
    parallelism: NotNegative
    checkpoints: Annotated[str, Field(pattern=r"^(s3://.+|([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?)$")]
    gpu: Gpu
    node_selector: dict[str, str]
    tolerations: list[Toleration]

    @model_validator(mode="after")
    def _nodes_share_a_volume(self) -> "TrainPod":
        if self.nodes > 1 and (not self.checkpoints or self.checkpoints.startswith("s3://")):
            raise ValueError("train.nodes: several nodes share data and checkpoints on a claim: name it as checkpoints")
        return self


class Data(Section):
    claim: Optional
    mount: Annotated[str, Field(pattern=r"^/.+")]


class Secrets(Section):
    s3: Name
    mlflow: Name


class Settings(Section):
    """All of settings.yaml."""

    backend: Literal["2.15", "2.16", "2.17"]
    cache: bool
    images: Images
    steps: Pod
    light: Pod
    train: TrainPod
    data: Data
    config_map: Name
    secrets: Secrets


def load(path: Path = FILE, changes: dict[str, Any] | None = None) -> Settings:
    """Read settings, with some values changed.

    Args:
        path: a YAML file; missing keys are taken from the file shipped with the pipelines.
        changes: values by nested key, such as {"images": {"cpu": ...}}.

    Raises:
        AttuneError: no such file, not YAML, an unknown key, a wrong type.
    """
    values = merged(_read(FILE), {} if path == FILE else _read(path))
    try:
        return Settings.model_validate(merged(values, changes or {}))
    except ValidationError as error:
        where = "--set" if changes and _fit(values) else path
        raise AttuneError(readable(error), where=where, remedy=f"See the comments in {FILE.name}.") from None


def _fit(values: dict[str, Any]) -> bool:
    try:
        Settings.model_validate(values)
    except ValidationError:
        return False
    return True


def merged(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Merge `changes` into `values`, section by section; lists and plain values are replaced."""
    nested = {
        key: merged(values[key], change)
        for key, change in changes.items()
        if isinstance(change, dict) and isinstance(values.get(key), dict)
    }
    return {**values, **changes, **nested}


def with_images(settings: Settings, cpu: str, gpu: str) -> Settings:
    """Return the settings for this machine: its images, one node, no retries, no resizing.

    Retries are for pods that a cluster loses; here a failed step would only fail again, minutes later.
    """
    once = {"retries": 0}
    return settings.model_copy(
        update={
            "images": settings.images.model_copy(update={"cpu": cpu, "gpu": gpu}),
            "steps": settings.steps.model_copy(update=once),
            "light": settings.light.model_copy(update=once),
            "train": settings.train.model_copy(update=once | {"resizable": False, "nodes": 1}),
        }
    )


def not_resizable(settings: Settings) -> Settings:
    """Return the settings with the size of training pods fixed at compile time."""
    return settings.model_copy(update={"train": settings.train.model_copy(update={"resizable": False})})


def check_pinned(settings: Settings) -> None:
    """Refuse images that may change under the same name.

    Raises:
        AttuneError: an image without a digest.
    """
    for name, image in (("cpu", settings.images.cpu), ("gpu", settings.images.gpu)):
        if not PINNED.fullmatch(image):
            raise AttuneError(
                f"{image!r} is not pinned by digest",
                where=f"images.{name}",
                remedy=f"Push it and name it as --set images.{name}=REGISTRY/NAME@sha256:DIGEST; a tag may move, and "
                "Kubeflow's cache believes the name.",
            )


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise AttuneError("no such settings file", where=path, remedy="Check the spelling of --settings.")
    values, _ = parameter_text.read(path)
    return values
