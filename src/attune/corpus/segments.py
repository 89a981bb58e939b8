"""The recording, or the part of one, that each utterance is."""

from collections.abc import Iterator

import pandas as pd

from attune.waveform.audio import Span

WHOLE = Span()


def segments(utterances: pd.DataFrame, parted: bool) -> Iterator[tuple[str, Span]]:
    """Yield every utterance's audio path and the part of it that it is.

    Args:
        utterances: with ``audio`` and, where `parted` is true, ``start`` and ``end``.
        parted: `About.segments`.
    """
    if not parted:
        return ((audio, WHOLE) for audio in utterances["audio"])
    rows = zip(utterances["audio"], utterances["start"], utterances["end"], strict=True)
    return ((audio, span(start, end)) for audio, start, end in rows)


def span(start: float, end: float) -> Span:
    """Return the span between two times in seconds; NaN, or a start below 0, stands for the recording's own."""
    return Span(0.0 if pd.isna(start) else max(float(start), 0.0), None if pd.isna(end) else float(end))
