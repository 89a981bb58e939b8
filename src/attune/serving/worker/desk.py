"""Scheduling: score one group of rows at a time, from all waiting requests, short ones first."""

import json
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

from attune.served.ensemble import Ensemble
from attune.signal import Waveform

from .jobs import Job
from .parsing import Limits, Refusal, parse

GROUP_SECONDS, GROUP_ROWS = 60.0, 64
"""A group ends at this much audio or this many rows; a longer row forms its own group."""

TURN = 4
"""In every TURN-th group the oldest request comes first, so that short ones cannot starve it."""

DECODING = 1.0
"""Seconds after which decoding pauses to score a group, if one is ready, and to check for cancelled requests."""

DECODED_SECONDS = 1200.0
"""Limit of decoded audio waiting to be scored, 77 MB; exceeded only if no request could be scored otherwise."""

_CODES = {400: "BAD_REQUEST", 413: "REQUEST_LIMIT_EXCEEDED", 503: "TEMPORARILY_UNAVAILABLE"}
Send = Callable[[int, int, bytes], None]
"""Sends a request's number, an HTTP status and a body."""


class Desk:
    """Requests in progress. Not thread-safe."""

    def __init__(self, ensemble: Ensemble, limits: Limits, send: Send) -> None:
        self._ensemble, self._limits, self._send = ensemble, limits, send
        self._jobs: dict[int, Job] = {}
        self._groups = 0

    def __len__(self) -> int:
        return len(self._jobs)

    def add(self, number: int, kind: str, body: bytes) -> None:
        """Take in a request, or refuse it at once."""
        with _Refusing(self, number):
            self._jobs[number] = Job(number, parse(kind, body, self._limits), self._ensemble, self._limits)

    def forget(self, number: int) -> None:
        """Drop a request whose client is gone or that has been answered."""
        self._jobs.pop(number, None)

    def work(self) -> None:
        """Decode for a moment, score one group, and answer every request that is finished by it."""
        self._decode()
        group = self._group()
        try:
            predictions = self._ensemble.predict([waveform for _, _, waveform in group])
            for (job, place, _), prediction in zip(group, predictions, strict=True):
                job.put(place, prediction)
        except Exception as error:  # logged, and answered to the requests of this group alone
            for number in {job.number for job, _, _ in group}:
                with _Refusing(self, number):
                    raise error
        for job in [job for job in self._jobs.values() if job.finished]:
            with _Refusing(self, job.number):
                self._send(job.number, 200, job.answer())
                self.forget(job.number)

    def _decode(self) -> None:
        """Decode rows of the request with the fewest left; if the buffer is full and nothing is ready, finish one."""
        until = time.monotonic() + DECODING
        most = DECODED_SECONDS * self._ensemble.sample_rate
        while (left := [job for job in self._jobs.values() if not job.decoded]) and time.monotonic() < until:
            full = sum(job.waiting for job in self._jobs.values()) > most
            if full and len(left) < len(self._jobs):
                return
            job = max(left, key=lambda job: job.waiting) if full else min(left, key=lambda job: job.undecoded)
            with _Refusing(self, job.number):
                job.decode()

    def _group(self) -> list[tuple[Job, int, Waveform]]:
        group: list[tuple[Job, int, Waveform]] = []
        room = GROUP_SECONDS * self._ensemble.sample_rate
        for job in self._order():
            while job.waiting:
                room -= job.next_length
                if group and (room < 0 or len(group) == GROUP_ROWS):
                    return group
                group.append((job, *job.take()))
        return group

    def _order(self) -> list[Job]:
        """Return the decoded requests in the order in which their rows are scored."""
        ready = [job for job in self._jobs.values() if job.decoded]  # in the order of their arrival
        self._groups += 1
        ahead = ready[:1] if self._groups % TURN == 0 else []
        return ahead + sorted(ready[len(ahead) :], key=lambda job: job.waiting)

    def refuse(self, number: int, status: int, message: str) -> None:
        """Answer a request with a reason instead of scores, and forget it."""
        self.forget(number)
        code = _CODES.get(status, "INTERNAL_ERROR")
        self._send(number, status, json.dumps({"error_code": code, "message": message}).encode())


class _Refusing:
    """Turns exceptions raised inside into an answer; unexpected ones go to the log, not to the client."""

    def __init__(self, desk: Desk, number: int) -> None:
        self._desk, self._number = desk, number

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> bool:
        if isinstance(error, Refusal):
            self._desk.refuse(self._number, error.status, str(error))
        elif isinstance(error, MemoryError):
            self._desk.refuse(self._number, 503, "too little memory at this moment; try again later")
        elif isinstance(error, Exception):
            traceback.print_exception(error, file=sys.stderr)
            self._desk.refuse(self._number, 500, "the model failed on this request; the server's log says why")
        return isinstance(error, Exception)
