"""The executor input of a Kubeflow component, and the executor output it writes.

Kubeflow expands `{{$}}` to JSON that names every input and output of the running component. `kfp.local` and the
cluster's launcher (backend/src/v2/component/launcher_v2.go) both do so, and both read the file named `outputFile`.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attune.errors import AttuneError
from attune.storage.files import whole_file

Metadata = dict[str, Any]
"""Metadata of an artifact shown in the interface, stored by Kubeflow with the artifact's address."""

MOUNTS = {"s3://": "/s3/", "minio://": "/minio/", "gs://": "/gcs/"}
"""Where the launcher mounts each kind of address; kfp.local uses plain paths."""


@dataclass(frozen=True)
class Executor:
    """The paths of the inputs and outputs of one running component."""

    inputs: dict[str, list[Path]]
    """Input artifacts by name; several if a fan-out was collected."""
    outputs: dict[str, Path]
    addresses: dict[str, str]
    """URIs of the output artifacts, as used by Kubeflow."""
    parameters: dict[str, Path]
    """Output parameters: the file to write each to."""
    report: Path
    """The executor output file."""


def read(text: str) -> Executor:
    """Parse the expansion of `{{$}}`.

    Raises:
        AttuneError: it is not JSON, or not an executor input.
    """
    try:
        given = json.loads(text)
        inputs, outputs = given.get("inputs", {}), given["outputs"]
        made = {name: held["artifacts"][0]["uri"] for name, held in outputs.get("artifacts", {}).items()}
        return Executor(
            inputs={
                name: [_path(artifact) for artifact in held.get("artifacts", [])]
                for name, held in inputs.get("artifacts", {}).items()
            },
            outputs={name: _path(held["artifacts"][0]) for name, held in outputs.get("artifacts", {}).items()},
            addresses=made,
            parameters={name: Path(held["outputFile"]) for name, held in outputs.get("parameters", {}).items()},
            report=Path(outputs["outputFile"]),
        )
    except (json.JSONDecodeError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise AttuneError(
            f"is not a Kubeflow executor input ({type(error).__name__}: {error})",
            where="--executor-input",
            remedy="It is the component's '{{$}}' placeholder, expanded by Kubeflow.",
        ) from None


def _path(artifact: dict[str, Any]) -> Path:
    if custom := artifact.get("customPath"):
        return Path(custom)
    uri = artifact["uri"]
    for scheme, mount in MOUNTS.items():
        if uri.startswith(scheme):
            return Path(mount + uri.removeprefix(scheme))
    return Path(uri)


def write(executor: Executor, metadata: dict[str, Metadata]) -> None:
    """Write the executor output: every output artifact with its metadata."""
    artifacts = {
        name: {"artifacts": [{"name": name, "uri": address, "metadata": metadata.get(name, {})}]}
        for name, address in executor.addresses.items()
    }
    with whole_file(executor.report) as path:
        path.write_text(json.dumps({"artifacts": artifacts}, indent=2) + "\n", encoding="utf-8")


def write_parameter(executor: Executor, name: str, value: str) -> None:
    """Write an output parameter of type string."""
    with whole_file(executor.parameters[name]) as path:
        path.write_text(value, encoding="utf-8")


def with_whole_numbers(arguments: Iterable[str]) -> list[str]:
    """Return the arguments with 3.0 in JSON replaced by 3: Kubeflow's numbers are all floats, ours are strict."""
    return [_whole(argument) if argument.startswith("{") else argument for argument in arguments]


def _whole(text: str) -> str:
    try:
        return json.dumps(json.loads(text, parse_float=_number))
    except json.JSONDecodeError:
        return text


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() else value
