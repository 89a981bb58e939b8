"""`python -m` this package: load a version's networks, then serve requests from a socket until it closes."""

import json
import os
import queue
import socket
import sys
import threading
from pathlib import Path

from attune.errors import AttuneError
from attune.served import ensemble

from .desk import Desk
from .frames import HEAD, Frame, Kind, unpacked
from .parsing import Limits


class Line:
    """The socket to the server. One thread reads it; the scoring thread writes the answers."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._incoming = self._socket.makefile("rb")
        self.arrived: queue.Queue[Frame] = queue.Queue()

    def listen(self) -> None:
        """Read frames until the server closes the socket."""
        while len(head := self._incoming.read(HEAD.size)) == HEAD.size:
            kind, number, length = unpacked(head)
            self.arrived.put(Frame(kind, number, self._incoming.read(length)))
        os._exit(0)  # the server is gone, and with it everybody waiting for an answer

    def send(self, kind: Kind, number: int, content: bytes) -> None:
        self._socket.sendall(Frame(kind, number, content).packed())

    def answer(self, number: int, status: int, body: bytes) -> None:
        self.send(Kind.ANSWER, number, b"%d" % status + body)


def main() -> None:
    settings = json.loads(sys.argv[1])
    line = Line(settings["socket"])
    try:
        loaded = ensemble.load(Path(settings["folds"]), settings["device"])
    except AttuneError as error:
        told = [error.what, error.where and str(error.where), error.remedy]
        line.send(Kind.FAILED, 0, json.dumps(told).encode())
        sys.exit(1)
    line.send(Kind.READY, 0, b"")
    threading.Thread(target=line.listen, daemon=True).start()
    work(Desk(loaded, Limits(**settings["limits"]), line.answer), line.arrived)


def work(desk: Desk, arrived: "queue.Queue[Frame]") -> None:
    """Repeatedly take in what has arrived and score a group; requests arriving meanwhile go into the next group."""
    while True:
        frames = [] if len(desk) else [arrived.get()]
        while not arrived.empty():
            frames.append(arrived.get())
        _take_in(desk, frames)
        del frames
        if len(desk):
            desk.work()


def _take_in(desk: Desk, frames: list[Frame]) -> None:
    cancelled = {frame.number for frame in frames if frame.kind is Kind.CANCEL}
    for number in cancelled:
        desk.forget(number)
    for frame in frames:
        if frame.kind is Kind.JOB and frame.number not in cancelled:
            kind, _, body = frame.content.partition(b"\n")
            desk.add(frame.number, kind.decode(), body)


if __name__ == "__main__":
    main()
