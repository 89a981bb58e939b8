"""The server's side of its worker: send requests, receive answers, and restart a worker that died."""

import asyncio
import json
import logging
import socket
from itertools import count
from pathlib import Path
from typing import NamedTuple

from attune.errors import AttuneError
from attune.registry import own_code
from attune.serving import worker
from attune.serving.limits import Limits
from attune.serving.worker.frames import HEAD, Frame, Kind, unpacked

_PROGRAM = Path(worker.__file__).parent
_MEMORY = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_TRIM_THRESHOLD_": "67108864",
    "MALLOC_MMAP_THRESHOLD_": "33554432",
}
"""Let glibc return unused memory, in large steps. With the second set but not the third, it asks the kernel for fresh
pages for every tensor over 128 kB, which takes half of the CPU time of scoring."""
_PAUSE = 1.0  # seconds before a worker that died is restarted, doubled up to:
_LONGEST_PAUSE = 30.0
_log = logging.getLogger("attune.serving")


class Answer(NamedTuple):
    """An HTTP status and a JSON body."""

    status: int
    body: bytes


class WorkerDied(Exception):  # noqa: N818 - an event, not known to be a fault of the request
    """The worker ended before it answered."""


class Scorer:
    """A worker process and its pending requests. For one event loop."""

    def __init__(self, files: Path, limits: Limits, *, device: str, paths: Path | None) -> None:
        self._files, self._limits, self._device, self._paths = files, limits, device, paths
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._numbers = count(1)
        self._writing = asyncio.Lock()
        self._writer: asyncio.StreamWriter | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def ready(self) -> bool:
        """Whether a worker is running and has loaded the networks."""
        return self._writer is not None

    async def start(self) -> None:
        """Start the worker and wait until it has loaded the version.

        Raises:
            AttuneError: it cannot be loaded.
        """
        reader = await self._begin()
        self._keeper = asyncio.create_task(self._keep(reader))

    async def stop(self) -> None:
        """Kill the worker."""
        if self._keeper:
            self._keeper.cancel()
        self._lose()
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def score(self, kind: str, body: bytes) -> Answer:
        """Return the worker's answer to a body of `json` or `csv`; cancelling this cancels it in the worker.

        Raises:
            WorkerDied: it ended before it answered.
        """
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            await self._send(Frame(Kind.JOB, number, kind.encode() + b"\n" + body))
            return await answer
        except asyncio.CancelledError:
            self._forget(number)
            raise
        finally:
            self._waiting.pop(number, None)

    def _forget(self, number: int) -> None:
        cancelling = asyncio.ensure_future(self._send(Frame(Kind.CANCEL, number, b"")))
        cancelling.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def _send(self, frame: Frame) -> None:
        async with self._writing:
            if self._writer is None:
                raise WorkerDied
            try:
                self._writer.write(frame.packed())
                await self._writer.drain()
            except ConnectionError:
                raise WorkerDied from None

    async def _begin(self) -> asyncio.StreamReader:
        ours, theirs = socket.socketpair()
        with theirs:
            settings = {
                "socket": theirs.fileno(),
                "folds": str(self._files / "artifacts" / "folds"),
                "device": self._device,
                "limits": {"rows": self._limits.request_rows, "seconds": self._limits.request_seconds},
            }
            self._process = await asyncio.create_subprocess_exec(
                *own_code.command(_PROGRAM, [json.dumps(settings)], self._files),
                env=own_code.environment(_MEMORY | self._places()),
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is the server's to handle
            )
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        frame = await _read(reader)
        if frame is None or frame.kind is not Kind.READY:
            writer.close()
            raise _failure(frame, self._files)
        self._writer = writer
        return reader

    def _places(self) -> dict[str, str]:
        serving = {"_MLFLOW_IS_IN_SERVING_ENVIRONMENT": "true", "ATTUNE_PATHS": ""}
        return serving | ({"ATTUNE_PATHS": str(self._paths)} if self._paths else {})

    async def _keep(self, reader: asyncio.StreamReader) -> None:
        """Deliver answers; if the worker ends, fail all pending requests and start another."""
        pause = _PAUSE
        while True:
            while frame := await _read(reader):
                pause = _PAUSE
                if (future := self._waiting.get(frame.number)) and not future.done():
                    future.set_result(Answer(int(frame.content[:3]), frame.content[3:]))
            self._lose()
            _log.error("the model's process ended, and is started again")
            while not self.ready:
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                try:
                    reader = await self._begin()
                except (AttuneError, OSError) as error:
                    _log.error("%s", error)

    def _lose(self) -> None:
        if self._writer:
            self._writer.close()
        self._writer = None
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(WorkerDied())


def _failure(told: Frame | None, files: Path) -> AttuneError:
    if told:
        what, where, remedy = json.loads(told.content)
        return AttuneError(what, where=where or files, remedy=remedy)
    remedy = "`attune versions` lists the others; --model selects one of them."
    what = "the model cannot be loaded (its process ended; what it printed says why)"
    return AttuneError(what, where=files, remedy=remedy)


async def _read(reader: asyncio.StreamReader) -> Frame | None:
    try:
        kind, number, length = unpacked(await reader.readexactly(HEAD.size))
        return Frame(kind, number, await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
