"""What the server and its worker say to each other: frames of kind, request and bytes over a socket.

Known on both sides, so it imports nothing of attune: the worker runs a registered version's own copy of it.
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
    """Kind, number and length of the content to come, from `HEAD.size` bytes."""
    kind, number, length = HEAD.unpack(head)
    return Kind(kind), number, length
