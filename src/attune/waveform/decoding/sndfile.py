"""libsndfile, read in blocks to the end of a file; it is imported when a file needs it."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from attune.waveform.decoding.faults import AudioError, conversion
from attune.waveform.decoding.stream import Block
from attune.waveform.decoding.window import Window

BLOCK = 1 << 17
"""Samples of all channels read at once."""


class BrokenError(Exception):
    """An error of libsndfile in the middle of a file."""


@contextmanager
def opened(target: Window | str, where: str) -> Iterator[Any]:
    """Open a file as soundfile does.

    Raises:
        AudioError: `unreadable`.
    """
    import soundfile

    class ReadOn(soundfile.SoundFile):  # type: ignore[misc]
        """Never seeks: soundfile would do so after every block, and fail where the length is unknown."""

        def seekable(self) -> bool:
            return False

    try:
        if isinstance(target, Window):
            target.seek(0)
        sound = ReadOn(target, closefd=False)
    except (soundfile.LibsndfileError, TypeError) as error:
        reason = str(getattr(error, "error_string", error)).rstrip(".")  # without the source, which `where` names
        raise AudioError(
            "unreadable", f"cannot be decoded as audio ({reason})", where=where, remedy=conversion(where)
        ) from None
    with sound:
        yield sound


def blocks(sound: Any, most: int | None = None) -> Iterator[Block]:
    """Yield blocks (samples, channels) to the end, or so many samples at most.

    Raises:
        BrokenError: the file is damaged or cut.
    """
    import soundfile

    frames = max(BLOCK // sound.channels, 1)
    left = math.inf if most is None else most
    try:
        while left and len(block := sound.read(int(min(frames, left)), dtype="float32", always_2d=True)):
            left -= len(block)
            yield block
    except soundfile.LibsndfileError as error:
        raise BrokenError(str(error.error_string).rstrip(".")) from None
