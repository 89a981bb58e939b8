"""Run containers on this machine's engine: create, start, read the output, wait, remove.

In that order, because kfp 2.17 lets the engine remove a container while asking for its exit code, and then may take a
failure for success. Containers run as the current user, see only what is mounted, and write nowhere else.
"""

import os
import sys
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attune.errors import AttuneError
from components.train import CHECKPOINTS

LAST_LINES = 12
"""Lines of a container's output kept for the message if it fails."""

PATIENCE = 7 * 24 * 3600
"""Seconds without output before giving up on a container; docker's own 60 would end training between two epochs."""


@dataclass(frozen=True)
class Place:
    """Where and how containers run on this machine."""

    root: Path
    """Folder for artifacts: mounted at the same path, and the working directory."""
    mounts: tuple[Path, ...] = ()
    """Further folders, mounted read-only at the same paths."""
    environment: dict[str, str] = field(default_factory=dict)
    network: str = "none"
    """Docker's network mode; only a tracking server or S3 needs one."""
    gpus: bool = False


@dataclass(frozen=True)
class Ended:
    """How a container ended."""

    step: str
    code: int
    last: list[str]
    """The last lines of its output."""


def passed_on(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables to pass to containers: how to reach MLflow and S3, but not a local database."""
    chosen = {name: value for name, value in environment.items() if name.startswith(("MLFLOW_", "AWS_"))}
    if chosen.get("MLFLOW_TRACKING_URI", "").startswith("sqlite:"):
        del chosen["MLFLOW_TRACKING_URI"]
    return chosen


def engine() -> Any:
    """Return a client of the container engine, which has answered.

    Raises:
        AttuneError: no engine answers.
    """
    from docker.client import DockerClient
    from docker.errors import DockerException

    try:
        client = DockerClient.from_env(timeout=PATIENCE)
        client.ping()
    except (DockerException, OSError) as error:
        raise AttuneError(
            f"no container engine answers ({error})",
            where=os.environ.get("DOCKER_HOST", "/var/run/docker.sock"),
            remedy='Start Docker and point DOCKER_HOST at its socket; on Debian as root, eval "$(docker/engine up)".',
        ) from None
    return client


def image_id(client: Any, name: str) -> str:
    """Return the id of a local image: it changes with the image, so a cache can rely on it.

    Raises:
        AttuneError: there is no such image.
    """
    from docker.errors import ImageNotFound

    try:
        return str(client.images.get(name).id)
    except ImageNotFound:
        raise AttuneError("no such image here", where=name, remedy="Build the images: make images.") from None


def run(client: Any, image: str, command: list[str], place: Place) -> Ended:
    """Run a command in a fresh container until it ends, printing its output to stdout line by line.

    Raises:
        AttuneError: the engine cannot run it.
    """
    from docker.errors import APIError

    step, container = name(command), None
    try:
        container = client.containers.create(image, command, **_options(place))
        container.start()
        last = _listen(container, step)
        return Ended(step, int(container.wait()["StatusCode"]), last)
    except APIError as error:
        raise AttuneError(f"the engine cannot run it ({error.explanation})", where=step) from None
    finally:
        if container is not None:
            container.remove(force=True)


def name(command: list[str]) -> str:
    """Return a short name for a component's command: `train mtl-att session1`."""
    words = command[command.index("--") + 1 :] if "--" in command else command[2:]
    which = [words[words.index(option) + 1] for option in ("--system", "--fold") if option in words]
    return " ".join(words[:1] + which)


def _options(place: Place) -> dict[str, Any]:
    from docker.types import DeviceRequest

    root = str(place.root.resolve())
    checkpoints = place.root.resolve() / "checkpoints"
    checkpoints.mkdir(exist_ok=True)
    volumes = {str(path.resolve()): {"bind": str(path.resolve()), "mode": "ro"} for path in place.mounts}
    return {
        "volumes": volumes
        | {root: {"bind": root, "mode": "rw"}, str(checkpoints): {"bind": CHECKPOINTS, "mode": "rw"}},
        "working_dir": root,
        "environment": place.environment,
        "user": f"{os.getuid()}:{os.getgid()}",
        "read_only": True,
        "tmpfs": {"/tmp": "mode=1777"},
        "network_mode": place.network,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "device_requests": [DeviceRequest(count=-1, capabilities=[["gpu"]])] if place.gpus else None,
    }


def _listen(container: Any, step: str) -> list[str]:
    last: deque[str] = deque(maxlen=LAST_LINES)
    rest = b""
    for piece in container.logs(stream=True, follow=True):
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            _keep(step, line, last)
    if rest:
        _keep(step, rest, last)
    return list(last)


def _keep(step: str, line: bytes, last: deque[str]) -> None:
    text = line.decode(errors="replace").rstrip("\r")
    last.append(text)
    say(step, text)


def say(step: str, text: str) -> None:
    """Print one line about a step, intact even if two steps print at once."""
    sys.stdout.write(f"{step} | {text}\n")
    sys.stdout.flush()
