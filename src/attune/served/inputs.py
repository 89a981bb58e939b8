"""Turn one row of a request into the network's input waveform, or into an error message."""

import base64
import binascii
import math
import os
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pandas as pd

from attune.errors import AttuneError
from attune.signal import Waveform
from attune.waveform import audio
from attune.waveform.audio import AudioError, Heard, Span

SHORTEST, LONGEST = 0.1, 3600.0
"""Seconds of audio accepted."""

_SERVING = "_MLFLOW_IS_IN_SERVING_ENVIRONMENT"  # set by MLflow's scoring server
_Row = pd.Series | dict[str, Any]
_STANDARD = str.maketrans("-_", "+/")  # URL-safe base64 alphabet to the standard one
SOURCES = ("audio", "path", "samples")
ENCODE = "Encode the bytes of the whole file as base64."


class TooLong(AttuneError):  # noqa: N818 - named for the fault
    """A file with more samples than the longest accepted duration has at 48 kHz stereo."""


def waveform(row: _Row, sample_rate: int, longest: float = LONGEST) -> Waveform:
    """Return the network's input for one row; see `hear`."""
    return hear(row, sample_rate, longest).waveform


def hear(row: _Row, sample_rate: int, longest: float = LONGEST) -> Heard:
    """Decode, check, mix down, resample and quantise the audio of one row, as `attune preprocess` does.

    Args:
        row: one of `audio` (a file as base64 or as a data URL), `path` (of such a file) and `samples` (numbers from -1
            to 1, one channel) with `rate` (Hz); the others missing or null. `start` and `end` (seconds), if given,
            select a part of a file.
        sample_rate: Hz, as in training.
        longest: seconds accepted; decoding stops there, or at as many samples as that duration has at 48 kHz stereo,
            whatever the header says.

    Raises:
        TooLong: a file with more samples than that.
        AttuneError: none or several sources, not decodable, no usable signal, shorter or longer than accepted.
    """
    given = [name for name in SOURCES if _present(row.get(name))]
    if len(given) != 1:
        raise AttuneError(
            f"give one of audio, path and samples, not {' and '.join(given) or 'none of them'}",
            remedy="Leave the others empty." if given else "Put the audio into one of these columns.",
        )
    try:
        heard = _READERS[given[0]](row, sample_rate, longest)
    except AudioError as error:
        if error.fault != "too-large":
            raise
        raise TooLong(f"{error.what}, too large for one row", remedy="Send it at 16 kHz, mono.") from None
    _check_length(heard.facts.duration, longest)
    return heard


def _present(cell: Any) -> bool:
    """Whether a cell has a value: None, NaN, pandas' NA and an empty string count as missing."""
    return pd.api.types.is_list_like(cell) or not (pd.isna(cell) or cell == "")


def _from_base64(row: _Row, sample_rate: int, longest: float) -> Heard:
    return audio.hear(BytesIO(_decoded(row["audio"])), sample_rate, span=_span(row), longest=longest)


def _decoded(text: Any) -> bytes:
    """Decode base64 in either alphabet, with or without line breaks and padding, or a data URL of it."""
    if not isinstance(text, str):
        raise AttuneError("audio is not base64: it is not text", remedy=ENCODE)
    if text[:100].lstrip()[:5].lower() == "data:":
        kind, comma, text = text.partition(",")
        if not comma or not kind.rstrip().lower().endswith(";base64"):
            raise AttuneError("audio is a data URL without ;base64", remedy=ENCODE)
        text = unquote(text) if "%" in text else text
    plain = "".join(text.split()).translate(_STANDARD).rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise AttuneError("audio is not base64", remedy=ENCODE) from None


def _from_path(row: _Row, sample_rate: int, longest: float) -> Heard:
    path = Path(row["path"])
    _check_may_be_read(path)
    return audio.hear(path, sample_rate, span=_span(row), longest=longest)


def _span(row: _Row) -> Span:
    """Return the part of a recording that a row asks for: all of it by default."""
    try:
        start, end = (float(row[name]) if _present(row.get(name)) else None for name in ("start", "end"))
    except (TypeError, ValueError, OverflowError):
        raise AttuneError(
            "start and end must be numbers of seconds", remedy="Write 90.5, or leave them empty for the whole file."
        ) from None
    span = Span(start or 0.0, end)
    if not (0 <= span.start < math.inf) or (end is not None and not span.start < end < math.inf):
        raise AttuneError(
            f"start and end must be seconds from 0 on, start before end; got {start} and {end}",
            remedy="Correct them, or leave them empty for the whole file.",
        )
    return span


def _check_may_be_read(path: Path) -> None:
    """Refuse paths on a server outside the folder ATTUNE_PATHS, so that clients cannot read the machine's files."""
    allowed = os.environ.get("ATTUNE_PATHS")
    if os.environ.get(_SERVING) != "true" or (allowed and path.resolve().is_relative_to(Path(allowed).resolve())):
        return
    what = (
        f"this server reads only paths below {Path(allowed).absolute().name}"
        if allowed
        else "this server reads no paths"
    )
    raise AttuneError(what, remedy="Send the file itself, as base64 in the column audio.")


def _from_samples(row: _Row, sample_rate: int, longest: float) -> Heard:
    rate = _rate(row.get("rate"))
    if _present(row.get("start")) or _present(row.get("end")):
        raise AttuneError("start and end are for files, not for samples", remedy="Send the wanted samples alone.")
    try:
        samples = np.asarray(row["samples"], dtype=np.float32)
    except (TypeError, ValueError):
        raise AttuneError("samples must be numbers", remedy="Send a list of numbers from -1 to 1.") from None
    if samples.ndim != 1:
        raise AttuneError(
            f"samples must be one list of numbers (one channel), got {samples.ndim} dimensions",
            remedy="Average the channels, or send the file itself in the column audio.",
        )
    if not np.isfinite(samples).all():
        raise AttuneError("samples contain NaN or infinite values", remedy="Cut them out, or send the recording again.")
    _check_length(len(samples) / rate, longest)
    if np.abs(samples).max(initial=0.0) > 1:
        raise AttuneError("samples must be between -1 and 1", remedy="Divide 16-bit integers by 32768.")
    return audio.listen(samples, rate, sample_rate)


def _rate(cell: Any) -> int:
    try:
        rate = int(cell)
    except (TypeError, ValueError, OverflowError):
        rate = 0
    if rate < 1 or rate != cell:
        raise AttuneError(
            f"samples need a rate, a whole number of Hz, got {cell!r}",
            remedy="Give it in the column rate, such as 16000.",
        )
    return rate


_READERS = {"audio": _from_base64, "path": _from_path, "samples": _from_samples}


def _check_length(seconds: float, longest: float) -> None:
    if seconds == 0:
        raise AttuneError("contains no samples", remedy="Record it again, or leave it out.")
    if seconds < SHORTEST:
        raise AttuneError(
            f"{seconds:.3f} s of audio; at least {SHORTEST} s are needed", remedy="Send a longer part, or leave it out."
        )
    if seconds > longest:
        raise AttuneError(
            f"{seconds:.0f} s of audio; at most {longest:.0f} s are accepted at once",
            remedy="Send it in parts, by start and end.",
        )
