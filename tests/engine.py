"""A container engine for the tests marked `containers`. A conftest.py imports the fixtures it wants from here."""

import os
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import needs
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


def script(name: str, *arguments: str, timeout: float = 1200, **environment: str) -> str:
    """Run one of docker/'s scripts and return what it printed; status 75, no engine, skips the test but fails CI's."""
    done = subprocess.run(
        [ROOT / "docker" / name, *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if done.returncode == 75:
        needs.missing(done.stderr.strip())
    if done.returncode != 0:
        pytest.fail(f"docker/{name}: {done.stdout[-1000:]}{done.stderr[-4000:]}")
    return done.stdout


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Whatever runs meanwhile, the Python client included, finds this engine too, by DOCKER_HOST."""
    settings = dict(word.split("=", 1) for word in shlex.split(script("engine")) if "=" in word)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        yield Engine(settings["DOCKER"], settings["DOCKER_HOST"])


@pytest.fixture(scope="session")
def cpu_image(engine: Engine) -> str:
    """The CPU image of the working tree: seconds where only our own code changed."""
    script("build", "cpu")
    return "attune-cpu:local"
