import pytest

from attune.params import Params
from pipelines import package, scoring, settings, training

DIGEST = "sha256:" + "0123456789abcdef" * 4
PINNED = {"images": {"cpu": f"attune-cpu@{DIGEST}", "gpu": f"attune-gpu@{DIGEST}"}}


@pytest.fixture(scope="session")
def pinned() -> settings.Settings:
    """The settings as shipped, for images that have a digest."""
    return settings.load(changes=PINNED)


@pytest.fixture(scope="session")
def compiled(pinned) -> dict[str, package.Package]:
    """Both pipelines, as for a cluster."""
    pipelines = {"training": training.build(Params(), pinned), "scoring": scoring.build(pinned)}
    return {name: package.compiled(pipeline) for name, pipeline in pipelines.items()}
