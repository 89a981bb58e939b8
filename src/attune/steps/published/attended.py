"""The attention of the published table's networks: how far apart tasks are, and how far seeds."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from attune.artifacts.predictions import Run, read_provenance
from attune.attention.seeds import apart
from attune.steps.probing.attended import Attended, read
from attune.steps.published.cells import Cell
from attune.waveform.store import Store


def divergences(cells: Sequence[Cell], store: Path, beside: Path) -> pd.DataFrame:
    """Return how far apart the attention of tasks and of seeds is on each test utterance.

    Args:
        beside: weights are kept on the same disk as this path.

    Returns:
        Rows for `attune.attention.seeds.summarise`, of every system with attention and several seeds; maybe none.

    Raises:
        AttuneError: weights lack an utterance or do not fit its audio.
    """
    sounds = Store(store)
    of_seeds: dict[str, list[Attended]] = {}
    for seed in dict.fromkeys(cell.seed for cell in cells):
        runs = [Run(cell.predictions, read_provenance(cell.predictions)) for cell in cells if cell.seed == seed]
        for system, own in read(runs, sounds, beside).items():
            of_seeds.setdefault(system, []).append(own)
    return pd.DataFrame(
        row for system, networks in of_seeds.items() if len(networks) > 1 for row in _of_system(system, networks)
    )


def _of_system(system: str, networks: Sequence[Attended]) -> Iterator[dict[str, Any]]:
    for fold, utterances in networks[0].tested.items():
        about = {"system": system, "trained": len(networks), "fold": fold}
        for utterance in utterances:
            for task, bits in apart([network.weights[utterance] for network in networks]).items():
                yield {**about, "utterance": utterance, "task": task, **bits}
