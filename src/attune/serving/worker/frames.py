"""The protocol between the server and its worker: frames of kind, request number and bytes over a socket.

Used on both sides, so it does not import attune: in the worker that would be the registered version's own copy.
"""

import struct
from enum import IntEnum
from typing import NamedTuple

HEAD = struct.Struct(">BQI")


class Kind(IntEnum):
    """`READY` and `FAILED` are about the worker itself, the others about one request."""

    JOB = 1
    CANCEL = 2
    READY = 3
    FAILED = 4
    ANSWER = 5


class Frame(NamedTuple):
    """A kind, the number of a request (0 for none), and bytes."""

    kind: Kind
    number: int
    content: bytes

    def packed(self) -> bytes:
        """The frame as bytes."""
        return HEAD.pack(self.kind, self.number, len(self.content)) + self.content


def unpacked(head: bytes) -> tuple[Kind, int, int]:
    """Unpack kind, number and content length from `HEAD.size` bytes."""
    kind, number, length = HEAD.unpack(head)
    return Kind(kind), number, length
