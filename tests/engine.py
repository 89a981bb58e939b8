"""A container engine for the tests marked `containers`. A conftest.py imports the fixtures it wants from here."""

import os
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Engine:
    """An engine that answers, as `docker/engine` found it."""

    client: str
    host: str

    def __call__(self, *arguments: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """Run the engine's client and return what came of it, whatever its exit status."""
        return subprocess.run([self.client, *arguments], capture_output=True, text=True, timeout=timeout, check=False)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Whatever runs meanwhile, the Python client included, finds this engine too, by DOCKER_HOST."""
    done = subprocess.run([ROOT / "docker/engine"], capture_output=True, text=True, timeout=600, check=False)
    if done.returncode == 75 and os.environ.get("CI") != "true":
        pytest.skip(done.stderr.strip())
    if done.returncode != 0:
        pytest.fail(done.stderr.strip())
    settings = dict(word.split("=", 1) for word in shlex.split(done.stdout) if "=" in word)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        yield Engine(settings["DOCKER"], settings["DOCKER_HOST"])


@pytest.fixture(scope="session")
def cpu_image(engine: Engine) -> str:
    """The CPU image of the working tree: seconds where only our own code changed."""
    done = subprocess.run([ROOT / "docker/build", "cpu"], capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return "attune-cpu:local"
