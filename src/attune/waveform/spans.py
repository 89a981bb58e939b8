"""Parts of recordings, by seconds."""

from collections.abc import Iterator
from typing import NamedTuple, TypeVar

from attune.signal import Pcm
from attune.waveform.decoding.faults import AudioError
from attune.waveform.decoding.stream import Block, Stream

MOST_A_SECOND = 96_000
"""Values in a second of 48 kHz stereo; with `longest` it bounds the work that a file can cause."""
ROUNDED = 0.05
"""Seconds by which a part may end after its recording does, as times rounded to a tenth of a second can."""

Samples = TypeVar("Samples", Block, Pcm)


class Span(NamedTuple):
    """The requested part of a recording, in seconds."""

    start: float = 0.0
    end: float | None = None


WHOLE = Span()


def wanted(
    stream: Stream, blocks: Iterator[Samples], span: Span, longest: float | None, where: str
) -> Iterator[Samples]:
    """Yield the parts of blocks within a span; reading stops after it.

    Args:
        longest: seconds; more is an error.

    Raises:
        AudioError: `too-large`, `too-long`, or `beyond-end` where the recording ends before the span does.
    """
    first = round(span.start * stream.rate)
    last = None if span.end is None else round(span.end * stream.rate)
    begin = place = stream.skip(first) if stream.skip else 0
    for block in blocks:
        part = block[max(first - place, 0) : None if last is None else max(last - place, 0)]
        place += len(block)
        if longest is not None and (place - begin) * stream.channels > longest * MOST_A_SECOND:
            what = f"has more numbers than {longest:g} s of 48 kHz stereo"
            raise AudioError("too-large", what, where=where)
        if longest is not None and (place if last is None else min(place, last)) - first > longest * stream.rate:
            what = f"is longer: at most {longest:g} s are accepted at once"
            raise AudioError("too-long", what, where=where, remedy="Ask for parts of it, by start and end.")
        if len(part):
            yield part
        if last is not None and place >= last:
            return
    if place and (place <= first or (last is not None and place < last - round(ROUNDED * stream.rate))):
        told = f"{span.start:g} s to {'the end' if span.end is None else f'{span.end:g} s'}"
        raise AudioError("beyond-end", f"lasts {place / stream.rate:g} s; {told} was requested", where=where)
