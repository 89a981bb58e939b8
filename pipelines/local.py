"""Run a pipeline on this machine, in real containers, through kfp.local."""

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
    """Run a pipeline to completion, with its containers' output on stdout; earlier results are taken from the cache.

    Args:
        pipeline: returned by `build` of a pipeline module, with images named by id.
        arguments: its parameters.
        place: where its artifacts go, and what its containers may see.
        client: of the container engine.

    Raises:
        AttuneError: a container failed; the message contains the end of its output.
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
    """Make kfp.local run its containers our way; yield a list to which failed ones are added."""
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
    """Replace a function of kfp.local: it offers no other way to run containers differently or to be quiet."""
    theirs = getattr(module, name)
    setattr(module, name, ours)
    try:
        yield
    finally:
        setattr(module, name, theirs)


class _CacheHits(logging.Handler):
    """Passes on cache hits, the only messages of kfp's log that our containers cannot print."""

    def emit(self, record: logging.LogRecord) -> None:
        if "cache hit" in (text := record.getMessage()):
            containers.say(text.removeprefix("Task ").split(" cache hit")[0], "nothing new: taken from the cache")


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence kfp's log of every task, and its patching of `print`, which is not thread-safe."""
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
