"""The command lines of components.

Placeholders are concatenated with f-strings: `dsl.ConcatPlaceholder` is expanded by kfp.local only, not by the
cluster's launcher. `{{$}}` is expanded by both; it tells a step where its artifacts are (attune.kubeflow.executor).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from kfp import dsl

CPU, GPU = "attune-cpu:local", "attune-gpu:local"
"""Images as named by `make images`; pipelines replace them with the configured ones."""

Text = Any
"""A string, or one of kfp's placeholders for a string."""


def quoted(text: Text) -> str:
    """Return a string parameter as JSON; for names and the like, which contain no quotation marks."""
    return f'"{text}"'


def step(
    name: str,
    params: Mapping[str, Text] | None,
    options: Mapping[str, Text],
    *,
    image: str = CPU,
    arguments: Iterable[Text] = (),
    download: Text = None,
    extra: Iterable[Text] = (),
) -> dsl.ContainerSpec:
    """Run `attune NAME --params JSON --OPTION VALUE ...`, reporting to Kubeflow.

    Args:
        name: the step.
        params: the sections of params.yaml that it reads, as JSON; None for a command without parameters.
        options: its options without dashes, and their values.
        arguments: positional arguments of the step.
        download: one of these values, which may be an address.
        extra: further options of `attune pipeline step`.
    """
    around = ["--executor-input", dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER]
    around += [] if download is None else ["--download", download]
    sections = ", ".join(f'"{key}": {value}' for key, value in (params or {}).items())
    inner = [] if params is None else ["--params", f"{{{sections}}}"]
    inner += [part for key, value in options.items() for part in (f"--{key}", value)]
    return attune("step", *around, *extra, "--", name, *arguments, *inner, image=image)


def attune(*arguments: Text, image: str = CPU) -> dsl.ContainerSpec:
    """Run `attune pipeline ARGUMENTS` in a container."""
    return dsl.ContainerSpec(image=image, command=["attune"], args=["pipeline", *arguments])
