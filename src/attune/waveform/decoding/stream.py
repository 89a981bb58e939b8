"""A stream of audio, and several consecutive streams in one file."""

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
    """Audio being read."""

    rate: int
    """Hz."""
    channels: int
    blocks: Iterator[Block]
    """float32 of shape (samples, channels), full scale at 1.0."""
    steps: Iterator[Pcm] | None = None
    """The same samples as 16-bit integers, where the file has these; read either this or `blocks`."""
    skip: Callable[[int], int] | None = None
    """Makes reading begin at the block of a sample, and returns that block's first; None where it begins at 0 only."""
    notes: list[str] = field(default_factory=list)
    """Discrepancies between the header and the samples found; complete once all blocks are read."""


Opener = Callable[[], AbstractContextManager[Stream]]


@contextmanager
def in_turn(parts: Sequence[Opener], kind: str, where: str) -> Iterator[Stream]:
    """Open several streams of a file as one.

    Raises:
        AudioError: `unreadable` while blocks are read, if they differ in sample rate or channels; and as for the parts.
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
