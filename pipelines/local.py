"""Running a pipeline on this machine, in real containers, through kfp.local."""

import logging
import tempfile
import threading
import uuid
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from attune.environment import PIPELINE_RUN
from attune.errors import AttuneError
from pipelines import containers
from pipelines.containers import Ended, Place


def run(pipeline: Any, arguments: dict[str, Any], place: Place, client: Any) -> None:
    """Run a pipeline to its end, its containers' output on stdout; what was run before is taken from the cache.

    Args:
        pipeline: what `build` of a pipeline module returned, its images named by id.
        arguments: its parameters.
        place: where its artifacts go, and what its containers may see.
        client: of the container engine.

    Raises:
        AttuneError: a container failed; the message holds the end of what it said.
    """
    from kfp import local

    place.root.mkdir(parents=True, exist_ok=True)
    place = replace(place, environment={**place.environment, PIPELINE_RUN: uuid.uuid4().hex})
    with _our_containers(client, place) as failed, tempfile.TemporaryDirectory() as scratch, _quiet():
        local.init(
            runner=local.DockerRunner(),
            pipeline_root=str(place.root.resolve()),
            workspace_root=str(Path(scratch) / "workspace"),  # kfp removes it when it ends
            enable_caching=True,
        )
        try:
            pipeline(**arguments)
        except RuntimeError as error:
            raise _failure(failed, str(error)) from None


def _failure(failed: list[Ended], reason: str) -> AttuneError:
    if not failed:
        return AttuneError(reason, where="pipeline")
    first = failed[0]
    told = "\n".join(f"    {line}" for line in first.last)
    return AttuneError(f"ended with exit code {first.code}, saying\n{told}", where=first.step)


@contextmanager
def _our_containers(client: Any, place: Place) -> Iterator[list[Ended]]:
    """Have kfp.local run its containers our way; yields those that failed, as they fail."""
    from kfp.local import docker_task_handler

    failed: list[Ended] = []
    lock = threading.Lock()

    def run_docker_container(*, image: str, command: list[str], **_: Any) -> int:
        ended = containers.run(client, image, command, place)
        if ended.code:
            with lock:
                failed.append(ended)
        return ended.code

    with _replaced(docker_task_handler, "run_docker_container", run_docker_container):
        yield failed


@contextmanager
def _replaced(module: Any, name: str, ours: Any) -> Iterator[None]:
    """kfp.local offers no other way to run containers differently, or to be quiet, than another function there."""
    theirs = getattr(module, name)
    setattr(module, name, ours)
    try:
        yield
    finally:
        setattr(module, name, theirs)


class _CacheHits(logging.Handler):
    """Of kfp's account of every task, the one thing our containers cannot say."""

    def emit(self, record: logging.LogRecord) -> None:
        if "cache hit" in (text := record.getMessage()):
            containers.say(text.removeprefix("Task ").split(" cache hit")[0], "nothing new: taken from the cache")


@contextmanager
def _quiet() -> Iterator[None]:
    """Without kfp's account of every task, and without its swapping of `print` under two threads at once."""
    from kfp.local import logging_utils

    logger, hits = logging.getLogger(), _CacheHits()
    before = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(hits)
    try:
        with ExitStack() as stack:
            for theirs in ("local_logger_context", "indented_print"):
                stack.enter_context(_replaced(logging_utils, theirs, nullcontext))
            stack.enter_context(_replaced(logging_utils, "print_horizontal_line", lambda: None))
            stack.enter_context(warnings.catch_warnings())
            warnings.filterwarnings("ignore", message=".*have no effect in the current local runner.*")
            yield
    finally:
        logger.removeHandler(hits)
        logger.setLevel(before)
