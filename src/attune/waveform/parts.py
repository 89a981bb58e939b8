"""Several parts of one recording, which is decoded once for all of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple, TypeVar

from attune.waveform.audio import AudioError, Span
from attune.waveform.decoding.reading import opened
from attune.waveform.decoding.sources import Source, name
from attune.waveform.decoding.unpacked import Unpacked

_FEW = 4
"""Parts in sequence for which a recording is worth unpacking."""

Key = TypeVar("Key")


class Part(NamedTuple):
    """A part of a recording, and the recording as far as it was decoded already."""

    audio: str
    span: Span
    unpacked: Unpacked | None = None


def decoded_once(
    parts: Iterable[tuple[Key, tuple[str, Span]]], source: Callable[[str], Source], beside: Path
) -> Iterator[tuple[Key, Part]]:
    """Yield all parts; those that follow one another in a compressed recording share what was decoded of it.

    Args:
        parts: with whatever identifies them.
        source: finds a recording by its path in the corpus.
        beside: what was decoded is on the same disk as this path, until the last of its parts is gone.
    """
    for audio, run in groupby(parts, key=lambda part: part[1][0]):
        found = list(run)
        spans = [span for _, (_, span) in found]
        unpacked = _unpacked(source(audio), spans, beside) if len(found) >= _FEW else None
        for key, (_, span) in found:
            yield key, Part(audio, span, unpacked)


def _unpacked(source: Source, spans: Sequence[Span], beside: Path) -> Unpacked | None:
    """Return None for what can be read from anywhere, is damaged, or does not fit on the disk: parts are read alone."""
    ends = [span.end for span in spans]
    first = min(span.start for span in spans)
    last = None if None in ends else max(end for end in ends if end is not None)
    try:
        with opened(source) as stream:
            if stream.skip:
                return None
            return Unpacked(stream, name(source), first * stream.rate, last and last * stream.rate, beside)
    except (
        AudioError,
        OSError,
    ):  # whoever reads a part alone meets the fault, if it concerns that part, and reports it
        return None
