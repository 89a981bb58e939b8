"""Audio while it is read; and several streams in one file, one after the other."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from attune.signal import Pcm
from attune.waveform.decoding.faults import AudioError, conversion

Block = npt.NDArray[np.float32]


@dataclass
class Stream:
    """Audio while it is read."""

    rate: int
    """Hz."""
    channels: int
    blocks: Iterator[Block]
    """float32 of shape (samples, channels), full scale at 1.0, as long as there are any."""
    steps: Iterator[Pcm] | None = None
    """Instead of the blocks, the same samples as the whole numbers that a file of 16 bits has; either can be read."""
    notes: list[str] = field(default_factory=list)
    """Where the header and what was found disagree; complete when the blocks are."""


Opener = Callable[[], AbstractContextManager[Stream]]


@contextmanager
def in_turn(parts: Sequence[Opener], kind: str, where: str) -> Iterator[Stream]:
    """Streams of one file as one.

    Raises:
        AudioError: `unreadable` while blocks are read: they differ in sample rate or channels; and as the parts.
    """
    notes: list[str] = []

    def blocks() -> Iterator[Block]:
        for part in parts:
            with part() as stream:
                if (stream.rate, stream.channels) != (first.rate, first.channels):
                    what = "joins streams of different sample rates or channels"
                    raise AudioError("unreadable", what, where=where, remedy=conversion(where))
                yield from stream.blocks
                notes.extend(stream.notes)
        if len(parts) > 1:
            notes.append(f"{len(parts)} {kind} streams are joined in it; all are read")

    with parts[0]() as first:
        yield Stream(first.rate, first.channels, blocks(), notes=notes)
