"""From audio files to a network's input: decoded, judged, mixed down, resampled, quantised.

Every step and the served model use this one path, so that a file sounds the same in training and in use. Memory is two
bytes per sample kept, whatever the file: audio is read in blocks, and twice where it has several channels, since
which of them carry sound is known only at the end.
"""

import errno
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from attune.signal import FULL_SCALE, Pcm, Waveform
from attune.waveform import judgement
from attune.waveform.decoding import plain
from attune.waveform.decoding.faults import AudioError, Fault
from attune.waveform.decoding.reading import opened
from attune.waveform.decoding.sources import InMemory, Source, kept_if_read_once, name
from attune.waveform.decoding.stream import Block, Stream
from attune.waveform.exact import Sums
from attune.waveform.quantising import quantised
from attune.waveform.resampling import HIGHEST, LOWEST, resampled
from attune.waveform.spans import WHOLE, Span, wanted
from attune.waveform.tally import Facts, Tally

__all__ = ["AudioError", "Fault", "Heard", "Span", "cut", "hear", "listen", "measure"]

MOST_CHANNELS = 64
_LITTLE = 1 << 20  # bytes left on a disk that is full

Samples = TypeVar("Samples", Block, Pcm)


class Heard(NamedTuple):
    """A recording as a network's input."""

    pcm: Pcm
    """int16, shape (samples,), at the requested rate."""
    facts: Facts
    sums: Sums | None = None
    """Sums of `pcm`, where they were computed on the way."""

    @property
    def waveform(self) -> Waveform:
        """float32, shape (samples,), in [-1, 1)."""
        return self.pcm.astype(np.float32) / np.float32(FULL_SCALE)

    @property
    def warnings(self) -> list[str]:
        """Warnings to report with the scores; docs/audio.md lists the names."""
        return judgement.warnings(self.facts)


def measure(
    source: Source,
    *,
    span: Span = WHOLE,
    longest: float | None = None,
    passing: Callable[[Block, int], None] | None = None,
) -> Facts:
    """Decode a whole recording and keep only the facts.

    Args:
        source: a path, or a binary stream.
        span: the requested part.
        longest: seconds; reading stops there with an error.
        passing: called with every block and its rate in Hz.

    Raises:
        AudioError: `missing`, `unreadable`, `truncated`, `overlong`, `empty`, `beyond-end`, `not-finite`, `rate`
            (outside 4 to 384 kHz), `channels` (more than 64), `too-long`, `too-large`. The signal is judged elsewhere.
    """
    where = name(source)
    with opened(source, where) as stream:
        _check_stream(stream, where)
        tally = Tally(stream.channels, digest=True)
        for block in _counted(wanted(stream, stream.blocks, span, longest, where), tally):
            if passing:
                passing(block, stream.rate)
        return _facts(tally, stream.rate, tuple(stream.notes), where)


def hear(source: Source, sample_rate: int, *, span: Span = WHOLE, longest: float | None = None) -> Heard:
    """Decode a recording, judge it, mix it down, resample it and quantise it.

    Args:
        source: a path, or a binary stream.
        sample_rate: Hz of the result.
        span: the requested part.
        longest: seconds; reading stops there with an error.

    Raises:
        AudioError: as for `measure`; also `silent`, `off-scale` or `out-of-phase` (attune.waveform.judgement).
    """
    where = name(source)
    if isinstance(source, InMemory) and span == WHOLE and longest is None and (as_is := _as_it_is(source, sample_rate)):
        return as_is
    with kept_if_read_once(source) as again:
        with opened(again, where) as stream:
            _check_stream(stream, where)
            tally = Tally(stream.channels)
            if stream.channels == 1:  # a single pass is enough
                if stream.rate == sample_rate and stream.steps:
                    steps = wanted(stream, stream.steps, span, longest, where)
                    pcm = quantised(block[:, 0] for block in _counted(steps, tally))
                    return Heard(pcm, _judged(tally, stream, where), tally.whole)
                passing = _counted(wanted(stream, stream.blocks, span, longest, where), tally)
                with np.errstate(invalid="ignore", over="ignore"):  # bad samples are reported below
                    pcm = quantised(resampled(_mixed(passing, (0,)), stream.rate, sample_rate))
                return Heard(pcm, _judged(tally, stream, where))
            _count(wanted(stream, stream.blocks, span, longest, where), tally)
            facts = _judged(tally, stream, where)
        with opened(again, where) as stream:
            mixed = _mixed(wanted(stream, stream.blocks, span, longest, where), facts.used)
            return Heard(quantised(resampled(mixed, stream.rate, sample_rate)), facts)


def _as_it_is(source: InMemory, sample_rate: int) -> Heard | None:
    """Judge a plain mono file at the right rate, whose samples are the result; None for any other."""
    found = plain.find(source, len(source.content))
    if found is None or (found.channels, found.rate) != (1, sample_rate):
        return None
    samples, tally = plain.in_place(source.content, found), Tally(1)
    tally.add(samples)
    facts = _facts(tally, found.rate, (), source.name)
    judgement.check(facts, source.name)
    return Heard(samples[:, 0], facts, tally.whole)


def cut(source: Source, span: Span, to: Path) -> None:
    """Write a part of a recording as a separate WAV file, with the same rate and channels.

    Raises:
        AudioError: as for `measure`; `beyond-end` where the recording ends before the part does.
        OSError: the disk is full; it names `to`.
    """
    import soundfile

    where = name(source)
    with opened(source, where) as stream:
        _check_stream(stream, where)
        with _writing(to), soundfile.SoundFile(to, "w", stream.rate, stream.channels, "FLOAT", format="WAV") as file:
            for block in wanted(stream, stream.blocks, span, None, where):
                file.write(block)


@contextmanager
def _writing(to: Path) -> Iterator[None]:
    """Raise what the system says where soundfile, which does not say why, cannot write."""
    import soundfile

    try:
        yield
    except soundfile.LibsndfileError as error:
        full = shutil.disk_usage(to.parent).free < _LITTLE
        code = errno.ENOSPC if full else errno.EIO
        raise OSError(code, os.strerror(code), str(to)) from error


def listen(samples: Waveform, rate: int, sample_rate: int, *, where: object = None) -> Heard:
    """Do the same as `hear` for decoded samples: float, shape (samples,), full scale at 1.0.

    Raises:
        AudioError: as for `hear`.
    """
    _check_rate(rate, where)
    tally = Tally(1)
    tally.add(samples[:, None])
    facts = _facts(tally, rate, (), where)
    judgement.check(facts, where)
    return Heard(quantised(resampled([samples], rate, sample_rate)), facts)


def _check_stream(stream: Stream, where: object) -> None:
    _check_rate(stream.rate, where)
    if stream.channels > MOST_CHANNELS:
        what = f"has {stream.channels} channels; at most {MOST_CHANNELS} are mixed down"
        raise AudioError("channels", what, where=where)


def _count(blocks: Iterable[Block], tally: Tally) -> None:
    for _ in _counted(blocks, tally):
        pass


def _counted(blocks: Iterable[Samples], tally: Tally) -> Iterator[Samples]:
    for block in blocks:
        tally.add(block)
        yield block


def _judged(tally: Tally, stream: Stream, where: object) -> Facts:
    facts = _facts(tally, stream.rate, tuple(stream.notes), where)
    judgement.check(facts, where)
    return facts


def _facts(tally: Tally, rate: int, notes: tuple[str, ...], where: object) -> Facts:
    if not tally.frames:
        raise AudioError("empty", "contains no samples", where=where)
    if not tally.finite:
        raise AudioError("not-finite", "contains NaN or infinite samples", where=where)
    return tally.facts(rate, notes)


def _check_rate(rate: int, where: object) -> None:
    if not LOWEST <= rate <= HIGHEST:
        raise AudioError(
            "rate",
            f"is sampled at {rate} Hz; {LOWEST} to {HIGHEST} Hz are resampled",
            where=where,
            remedy="If the header is wrong, say what is right: ffmpeg -f s16le -ar 16000 -i RAW OUT.wav",
        )


def _mixed(blocks: Iterable[Samples], used: tuple[int, ...]) -> Iterator[Any]:
    for block in blocks:
        if used == tuple(range(block.shape[1])):
            yield block[:, 0] if len(used) == 1 else block.mean(axis=1, dtype=np.float32)
        else:
            yield block[:, used].mean(axis=1, dtype=np.float32)
