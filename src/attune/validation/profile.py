"""Profile of a corpus, utterance by utterance, for comparison with other recordings."""

import numpy as np
import pandas as pd

from attune.artifacts.validation import PROFILE
from attune.validation.facts import AudioFacts
from attune.validation.verdict import Verdict

COLUMNS = tuple(PROFILE.columns)


def of_verdict(verdict: Verdict) -> pd.DataFrame:
    """Return the profile of a validated corpus's accepted utterances; columns `COLUMNS`."""
    table = verdict.utterances
    return of_measured(table[table["utterance"].isin(verdict.accepted["utterance"])])


def of_measured(table: pd.DataFrame) -> pd.DataFrame:
    """Return the profile of a table with ``utterance``, ``speaker`` and the fields of `AudioFacts`; levels in dBFS."""
    level = 20 * np.log10(table["level"].astype("float64").clip(lower=1e-6))
    found = table.assign(level=level.round(2)).astype({"duration": "float64", "pitch": "float64"})
    return found[list(COLUMNS)].reset_index(drop=True)


def of_recordings(facts: list[AudioFacts]) -> pd.DataFrame:
    """Return the profile of unlabelled recordings by unknown speakers, without those that cannot be decoded."""
    table = pd.DataFrame([one._asdict() for one in facts if one.fault == "none"], columns=list(AudioFacts._fields))
    return of_measured(table.assign(utterance=table["audio"], speaker=table["audio"]))
