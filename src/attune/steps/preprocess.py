"""Step `preprocess`: decode, mix down, resample and pack the accepted utterances into the waveform store."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd
from rich.markup import escape

from attune.artifacts.utterances import ACCEPTED
from attune.corpus.contract import read_about
from attune.corpus.heard import AGAIN, Heard
from attune.corpus.location import audio_root
from attune.corpus.segments import segments
from attune.errors import AttuneError
from attune.parallel.threads import in_order
from attune.params import Params
from attune.signal import Pcm
from attune.storage.files import whole_folder
from attune.terminal import Console, tracked
from attune.visible import on_a_line
from attune.waveform.audio import AudioError, hear
from attune.waveform.exact import Sums
from attune.waveform.parts import Part, decoded_once
from attune.waveform.store import Store, pack

READS = ("preprocess",)


def run(params: Params, *, corpus: Path, root: Path, validated: Path, out: Path) -> None:
    """Write the waveform store: shards and index.

    Args:
        corpus: folder written by the step `corpus`.
        root: folder of a corpus that was not generated.
        validated: folder written by the step `validate`.
        out: the folder to write.

    Raises:
        AttuneError: an accepted file has changed or can no longer be decoded, or there is no corpus or no table of
            utterances.
    """
    settings = params.preprocess
    utterances = _by_recording(ACCEPTED.read(validated, "utterance", "audio", "start", "end"))
    parts = zip(utterances["utterance"], segments(utterances, read_about(corpus).segments), strict=True)
    heard = Heard(corpus, audio_root(corpus, root))
    shared = decoded_once(tracked(parts, "packing", len(utterances)), heard.checked, out)
    waveforms = _waveforms(shared, heard, settings.sample_rate)
    with whole_folder(out) as folder:
        pack(folder, waveforms, sample_rate=settings.sample_rate, shard_seconds=settings.shard_seconds)
    _summarise(Store(out))


def _by_recording(utterances: pd.DataFrame) -> pd.DataFrame:
    """Sort by utterance, the parts of a recording together, so that it is decoded once."""
    first = utterances.groupby("audio")["utterance"].transform("min")
    return utterances.assign(first=first).sort_values(["first", "utterance"])


def _waveforms(parts: Iterable[tuple[str, Part]], heard: Heard, rate: int) -> Iterator[tuple[str, Pcm, Sums | None]]:
    def decoded(named: tuple[str, Part]) -> tuple[str, Pcm, Sums | None]:
        utterance, part = named
        try:
            found = hear(part.unpacked or heard.checked(part.audio), rate, span=part.span)
        except AudioError as error:  # validation could read it
            raise AttuneError(error.what, where=error.where, remedy=error.remedy or AGAIN) from None
        return utterance, found.pcm, found.sums

    return in_order(decoded, parts)


def _summarise(store: Store) -> None:
    seconds = store.index["samples"].sum() / store.sample_rate
    shards = store.index["shard"].nunique()
    Console(highlight=False, soft_wrap=True).print(
        f"{len(store.index)} utterances, {seconds / 60:.1f} minutes at {store.sample_rate} Hz, "
        f"{shards} shard{'s' if shards > 1 else ''}: {escape(on_a_line(store.folder))}"
    )
