"""Read a fold's utterances and their waveforms or features, for both training and prediction."""

from pathlib import Path

from attune.artifacts.utterances import ACCEPTED, read_accepted
from attune.corpus.folds import columns
from attune.corpus.protocols import Partition, partition
from attune.errors import AttuneError
from attune.features import encoder, kinds
from attune.features.packed import Packed
from attune.signal import SAMPLE_RATE
from attune.waveform.store import Store


def read(validated: Path, protocol: str, fold: str, *more: str) -> Partition:
    """Return the accepted utterances partitioned by a fold of the protocol; `more` are additional columns.

    Raises:
        AttuneError: the table is missing or damaged, there is no such fold, or partitions are empty or overlap.
    """
    table = read_accepted(validated, "utterance", *columns(ACCEPTED.path(validated)), *more)
    return partition(table, protocol, fold)


def open_store(folder: Path) -> Store:
    """Open the waveform store.

    Raises:
        AttuneError: the store is missing or damaged, or its sample rate is not the network's.
    """
    store = Store(folder)
    if store.sample_rate != SAMPLE_RATE:
        raise AttuneError(
            f"contains audio at {store.sample_rate} Hz, and the network needs {SAMPLE_RATE} Hz",
            where=folder,
            remedy=f"Set preprocess.sample_rate to {SAMPLE_RATE} and run `attune preprocess` again.",
        )
    return store


def open_features(folder: Path, system: str) -> Packed | None:
    """Open the features that a system takes; None if it takes the waveform.

    Raises:
        AttuneError: no features were computed, or they are damaged or of another kind.
    """
    kind = kinds.OF_SYSTEM.get(system)
    if kind is None:
        return None
    found = Packed(folder / system)
    if found.about.kind == encoder.TUNED and kind == encoder.KIND:
        return None
    if found.about.kind != kind:
        raise AttuneError(
            f"has {found.about.kind} features, and {system} uses {kind}",
            where=folder / system,
            remedy="Run `attune features` again.",
        )
    return found
