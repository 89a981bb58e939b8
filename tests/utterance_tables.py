"""Tables of utterances as the steps write them, from whatever columns a test cares about."""

from pathlib import Path

import pandas as pd

from attune.artifacts.utterances import ACCEPTED, UTTERANCES

WHO = {"dialog": "Ses01F_impro01", "session": 1, "speaker": "Ses01F", "gender": "F", "scenario": "improvised"}
REST = {"start": 0.0, "end": 1.0, "category": None, "transcript": None, "audio": "u.wav", "source": None, "line": 0}
MEASURED = {"frames": 16000, "sample_rate": 16000, "channels": 1, "duration": 1.0}


def write_accepted(folder: Path, table: pd.DataFrame) -> None:
    """`table` as the accepted utterances; columns that it lacks are filled in."""
    ACCEPTED.write(folder, _filled(table, WHO | REST | MEASURED))


def write_corpus(folder: Path, table: pd.DataFrame) -> None:
    """`table` as the utterances of a corpus; columns that it lacks are filled in."""
    UTTERANCES.write(folder, _filled(table, WHO | REST))


def _filled(table: pd.DataFrame, defaults: dict) -> pd.DataFrame:
    return table.assign(**{name: value for name, value in defaults.items() if name not in table.columns})
