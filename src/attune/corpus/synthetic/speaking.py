"""Synthesis of all turns, by several processes where worthwhile; their number does not affect the sound."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import scipy

from attune.corpus.synthetic.plan import Turn
from attune.corpus.synthetic.tree import speak
from attune.parallel import processes
from attune.settings.corpus import Synthetic

_CHUNK = 16
_SECONDS_EACH = 300.0


def spoken(turns: Sequence[Turn], release: Path, settings: Synthetic, workers: int | None) -> Iterator[str]:
    """Yield the text of each turn, in order, once it is recorded.

    Args:
        release: the folder for ``Session1`` ...
        workers: processes; by default one per five minutes of speech, at most as many as processors.
    """
    wanted = workers or processes.worthwhile(sum(turn.slot.seconds for turn in turns), _SECONDS_EACH)
    chunks = (turns[start : start + _CHUNK] for start in range(0, len(turns), _CHUNK))
    for texts in processes.in_order(partial(_chunk, release=release, settings=settings), chunks, wanted):
        yield from texts


def identity(settings: Synthetic) -> str:
    """Return a digest of what the sound depends on: settings, code, libraries."""
    digest = hashlib.sha256(settings.model_dump_json().encode())
    digest.update(f"{np.__version__} {scipy.__version__}".encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _chunk(turns: Sequence[Turn], release: Path, settings: Synthetic) -> list[str]:
    return [speak(turn, release, settings) for turn in turns]
