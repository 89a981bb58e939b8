import pytest
from pinned import PINNED
from s3 import s3, s3_server

from attune.params import Params
from pipelines import package, scoring, settings, training

__all__ = ["s3", "s3_server"]


@pytest.fixture(scope="session")
def pinned() -> settings.Settings:
    """The settings as shipped, for images that have a digest."""
    return settings.load(changes=PINNED)


@pytest.fixture(scope="session")
def compiled(pinned) -> dict[str, package.Package]:
    """Both pipelines, as for a cluster."""
    pipelines = {"training": training.build(Params(), pinned), "scoring": scoring.build(pinned)}
    return {name: package.compiled(pipeline) for name, pipeline in pipelines.items()}
