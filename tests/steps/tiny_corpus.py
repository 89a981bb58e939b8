"""A corpus on disk as the step `corpus` would leave it, made by hand: two tables and one short sound per utterance."""

from pathlib import Path

import numpy as np
import pandas as pd
import soundfile
from reading import IEMOCAP

from attune.artifacts.utterances import NOTES, RATINGS, RECORDINGS, UTTERANCES
from attune.corpus.contract import note_table, write_about
from attune.corpus.heard import digests

SCALE = (1.5, 2.5, 3.0, 3.5, 4.5)
RATE = 16000


def write(folder: Path) -> tuple[Path, Path]:
    """Write a corpus of fifty utterances and return the paths for --corpus and --root."""
    corpus, root = folder / "corpus", folder / "release"
    rows = [_row(session, gender, turn) for session in range(1, 6) for gender in "FM" for turn in range(len(SCALE))]
    for number, row in enumerate(rows):
        sound(root / row["audio"], number)
    corpus.mkdir()
    UTTERANCES.write(corpus, pd.DataFrame(rows))
    ratings = pd.DataFrame([_rating(row, rater) for row in rows for rater in ("E3", "E4")])
    RATINGS.write(corpus, ratings)
    NOTES.write(corpus, note_table([]))
    write_about(IEMOCAP, corpus)
    list_recordings(corpus, root)
    return corpus, root


def list_recordings(corpus: Path, root: Path) -> None:
    """Write recordings.parquet of what is there now."""
    RECORDINGS.write(corpus, digests(root, UTTERANCES.read(corpus, "audio")["audio"]))


def sound(path: Path, seed: int, seconds: float = 0.25) -> None:
    """Write 16-bit noise that no other seed gives."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.random.default_rng(seed).integers(-3000, 3000, round(seconds * RATE)).astype(np.int16)
    soundfile.write(path, samples, RATE)


def first(corpus: Path, count: int = 1) -> list[str]:
    """The audio paths of the first utterances."""
    return list(UTTERANCES.read(corpus, "audio")["audio"][:count])


def edit(corpus: Path, row: int, **cells: object) -> None:
    """Change cells of a row of utterances.parquet."""
    table = UTTERANCES.read(corpus)
    for column, value in cells.items():
        table.loc[row, column] = value
    UTTERANCES.write(corpus, table)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its path in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _row(session: int, gender: str, turn: int) -> dict:
    dialog = f"Ses0{session}F_impro01"
    utterance = f"{dialog}_{gender}{turn:03d}"
    return {
        **{"utterance": utterance, "dialog": dialog, "session": session, "speaker": f"Ses0{session}{gender}"},
        **{"gender": gender, "scenario": "improvised", "start": 0.0, "end": 0.25, "category": None},
        **dict.fromkeys(("arousal", "valence", "dominance"), SCALE[turn]),
        **{"transcript": None, "audio": f"Session{session}/sentences/wav/{dialog}/{utterance}.wav"},
        **{"source": f"Session{session}/dialog/EmoEvaluation/{dialog}.txt", "line": 3 + turn},
    }


def _rating(row: dict, rater: str) -> dict:
    scale = {task: row[task] for task in ("arousal", "valence", "dominance")}
    return {
        **{"utterance": row["utterance"], "rater": rater, "kind": "dimensional", "self_report": False},
        **{**scale, "category": None, "comment": None},
    }
