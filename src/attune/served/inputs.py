"""From one row of a request to the waveform a network hears, or to a sentence about why not."""

import base64
import binascii
import os
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd

from attune.errors import AttuneError
from attune.waveform.audio import AudioError, decode, to_pcm, to_rate
from attune.waveform.store import FULL_SCALE, Waveform

SHORTEST, LONGEST = 0.1, 3600.0
"""Seconds of audio accepted."""

_MOST_A_SECOND = 96_000  # numbers: 48 kHz, two channels
_UNKNOWN = 1 << 62  # frames, where a FLAC stream does not say how long it is
_SERVING = "_MLFLOW_IS_IN_SERVING_ENVIRONMENT"  # set by MLflow's scoring server
_Row = pd.Series | dict[str, Any]
SOURCES = ("audio", "path", "samples")


class TooLong(AttuneError):  # noqa: N818 - one error, named for what it says
    """Audio that goes on beyond what is accepted, although its header did not say so."""


def waveform(row: _Row, sample_rate: int, longest: float = LONGEST) -> Waveform:
    """Decode, mix down, resample and quantise the audio of one row, as `attune preprocess` does.

    Args:
        row: one of `audio` (base64 of a WAV or FLAC file), `path` (of such a file) and `samples` (numbers from -1
            to 1, one channel) with `rate` (Hz); the others missing or null.
        sample_rate: Hz the network was trained at.
        longest: seconds accepted; what is decoded never has more numbers than so many seconds of 48 kHz stereo have.

    Returns:
        float32, shape (samples,), in [-1, 1).

    Raises:
        AttuneError: none or several sources, not decodable, NaN, shorter or longer than accepted.
    """
    given = [name for name in SOURCES if _present(row.get(name))]
    if len(given) != 1:
        raise AttuneError(f"give one of audio, path and samples, not {' and '.join(given) or 'none of them'}")
    samples, rate = _READERS[given[0]](row, longest)
    _check_length(len(samples) / rate, longest)
    return to_pcm(to_rate(samples, rate, sample_rate)).astype(np.float32) / np.float32(FULL_SCALE)


def _present(cell: Any) -> bool:
    """Whether a cell holds something: None, NaN, pandas' NA and an empty text are how tables say that it does not."""
    return np.ndim(cell) > 0 or not (pd.isna(cell) or cell == "")


def _from_base64(row: _Row, longest: float) -> tuple[Waveform, int]:
    try:
        content = base64.b64decode(row["audio"], validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise AttuneError("audio is not base64") from None
    return _decode(BytesIO(content), longest)


def _from_path(row: _Row, longest: float) -> tuple[Waveform, int]:
    path = Path(row["path"])
    _check_may_be_read(path)
    return _decode(path, longest)


def _check_may_be_read(path: Path) -> None:
    """Whoever can reach a server should not read the files of its machine: there ATTUNE_PATHS names the folder."""
    allowed = os.environ.get("ATTUNE_PATHS")
    if os.environ.get(_SERVING) != "true" or (allowed and path.resolve().is_relative_to(Path(allowed).resolve())):
        return
    where = f"only from below {Path(allowed).name}" if allowed else "not at all"
    raise AttuneError(f"paths are read {where} by this server; send the file itself, as base64 in the column audio")


def _decode(source: Path | BinaryIO, longest: float) -> tuple[Waveform, int]:
    _check_claimed_length(source, longest)
    try:
        return decode(source, int(longest * _MOST_A_SECOND))
    except AudioError as error:
        if error.fault != "too-long":
            raise
        raise TooLong(f"more audio than {longest:.0f} s of 48 kHz stereo have; send it at 16 kHz, mono") from None


def _check_claimed_length(source: Path | BinaryIO, longest: float) -> None:
    """Refuse by its header what would fill the memory; a header that cannot be read is left to `decode` to explain."""
    import soundfile

    try:
        info = soundfile.info(str(source) if isinstance(source, Path) else source)
    except (soundfile.LibsndfileError, TypeError):
        return
    finally:
        if not isinstance(source, Path):
            source.seek(0)
    if info.frames < _UNKNOWN:
        _check_not_long(info.duration, longest)


def _from_samples(row: _Row, _: float) -> tuple[Waveform, int]:
    rate = _rate(row.get("rate"))
    try:
        samples = np.asarray(row["samples"], dtype=np.float32)
    except (TypeError, ValueError):
        raise AttuneError("samples must be numbers") from None
    if samples.ndim != 1:
        raise AttuneError(f"samples must be one list of numbers (one channel), got {samples.ndim} dimensions")
    if not np.isfinite(samples).all():
        raise AttuneError("samples hold NaN or infinite values")
    if np.abs(samples).max(initial=0.0) > 1:
        raise AttuneError("samples must lie between -1 and 1; divide 16-bit integers by 32768")
    return samples, rate


def _rate(cell: Any) -> int:
    try:
        rate = int(cell)
    except (TypeError, ValueError, OverflowError):
        rate = 0
    if rate < 1 or rate != cell:
        raise AttuneError(f"samples need a rate, a whole number of Hz, got {cell!r}")
    return rate


_READERS = {"audio": _from_base64, "path": _from_path, "samples": _from_samples}


def _check_length(seconds: float, longest: float) -> None:
    if seconds == 0:
        raise AttuneError("holds no samples")
    if seconds < SHORTEST:
        raise AttuneError(f"{seconds:.3f} s of audio; at least {SHORTEST} s are needed")
    _check_not_long(seconds, longest)


def _check_not_long(seconds: float, longest: float) -> None:
    if seconds > longest:
        raise AttuneError(f"{seconds:.0f} s of audio; at most {longest:.0f} s are taken at once")
