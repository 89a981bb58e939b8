"""The 88 functionals of the extended Geneva minimalistic set (Eyben et al. 2016), by openSMILE.

openSMILE may be used for research and education alone, so it is an extra of its own and nothing else needs it.
"""

import io
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from attune.artifacts import sums
from attune.artifacts.door import reading
from attune.errors import AttuneError
from attune.signal import SAMPLE_RATE, Waveform

COUNT = 88
FILE = "egemaps.parquet"

Functionals = npt.NDArray[np.float64]


def functionals(waveform: Waveform) -> Functionals:
    """The functionals (88,) of an utterance (samples,) at 16 kHz; NaN where it is too short for one.

    Raises:
        AttuneError: openSMILE is not installed.
    """
    found: pd.DataFrame = _smile().process_signal(waveform, SAMPLE_RATE)
    return found.to_numpy(np.float64)[0]


def table(waveforms: Iterable[tuple[str, Waveform]]) -> pd.DataFrame:
    """One row for each named waveform: `utterance` and the functionals by name.

    Raises:
        AttuneError: openSMILE is not installed.
    """
    names = list(_smile().feature_names)
    rows = pd.DataFrame(_rows(waveforms), columns=["utterance", *names])
    return rows.sort_values("utterance", ignore_index=True)


def write(store: Path, table: pd.DataFrame) -> None:
    """Write a table of `table` beside the waveforms."""
    table.to_parquet(store / FILE, index=False)
    sums.enter(store / FILE)


def read(store: Path, utterances: Iterable[str]) -> Functionals:
    """The functionals (utterances, 88) that `attune preprocess` wrote beside the waveforms.

    Raises:
        AttuneError: it wrote none, or not those of all these utterances.
    """
    path, remedy = store / FILE, "Set preprocess.features to [egemaps] and run `attune preprocess` again."
    wanted = list(utterances)
    if not path.exists():
        raise AttuneError("no eGeMAPS features were computed", where=path, remedy=remedy)
    with reading(path, "preprocess"):
        found = pd.read_parquet(io.BytesIO(sums.checked(path))).set_index("utterance")
    lacking = [utterance for utterance in wanted if utterance not in found.index]
    if lacking or found.shape[1] != COUNT:
        what = f"has no features of {lacking[0]}" if lacking else f"has {found.shape[1]} features, not {COUNT}"
        raise AttuneError(what, where=path, remedy=remedy)
    return found.loc[wanted].to_numpy(np.float64)


def _rows(waveforms: Iterable[tuple[str, Waveform]]) -> Iterator[list[Any]]:
    for utterance, waveform in waveforms:
        yield [utterance, *functionals(waveform)]


@cache
def _smile() -> Any:
    try:
        import opensmile
    except ImportError:
        raise AttuneError(
            "eGeMAPS features need openSMILE, which is not installed",
            where="opensmile",
            remedy="pip install 'attune-speech[egemaps]' (for research and education: see its licence), or take "
            "egemaps-svm out of `systems` and egemaps out of `preprocess.features`.",
        ) from None
    return opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02, feature_level=opensmile.FeatureLevel.Functionals
    )
