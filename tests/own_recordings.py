"""Recordings of our own with a spreadsheet: twelve speakers, seven-point ratings, several utterances in a FLAC file."""

from pathlib import Path

import numpy as np
import pandas as pd
import soundfile

SPEAKERS = tuple(f"P{number:02d}" for number in range(1, 13))
RATINGS = (1.0, 2.0, 3.5, 4.0, 5.5, 6.5)
MOODS = ("cross", "glad", "even", "low", "happy")
SECONDS = 0.5
TABLE = {
    "name": "twelve speakers",
    "files": "labels.csv",
    "columns": {"audio": "Datei", "speaker": "who", "start": "from", "end": "to", "gender": "sex"},
    "tasks": {
        "arousal": {"column": "act", "scale": [1, 7]},
        "tension": {"column": "ten", "scale": [1, 7], "edges": [3, 5]},
        "mood": {"classes": {"cross": ["cross"], "glad": ["glad", "happy"], "even": ["even"], "low": ["low"]}},
    },
}


def rows() -> pd.DataFrame:
    """The spreadsheet: a file per speaker, in which the utterances follow one another."""
    return pd.DataFrame(
        {
            "Datei": f"wavs/{speaker} (größer).flac",
            "who": speaker,
            "from": place * SECONDS,
            "to": (place + 1) * SECONDS,
            "sex": "female" if number % 2 else "male",
            "act": rating,
            "ten": RATINGS[(place + number) % len(RATINGS)],
            "mood": MOODS[(place * 2 + number) % len(MOODS)],
        }
        for number, speaker in enumerate(SPEAKERS)
        for place, rating in enumerate(RATINGS)
    )


def write(root: Path, *, rate: int = 44100) -> Path:
    """Write recordings and labels.csv."""
    (root / "wavs").mkdir(parents=True)
    table = rows()
    for number, name in enumerate(table["Datei"].unique()):
        rng = np.random.default_rng(number)
        soundfile.write(root / name, rng.normal(0, 0.05, round(len(RATINGS) * SECONDS * rate)), rate)
    table.to_csv(root / "labels.csv", index=False)
    return root
