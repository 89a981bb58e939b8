"""Read a corpus in IEMOCAP's layout into two tables: utterances and ratings. Nothing is repaired."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

import pandas as pd

from attune.corpus import evaluations, recordings, transcripts
from attune.corpus.evaluations import Rating, Summary
from attune.corpus.ids import parse_utterance
from attune.corpus.location import find_release, session_folders
from attune.errors import AttuneError


class Corpus(NamedTuple):
    """What a corpus says, as tables."""

    utterances: pd.DataFrame
    """One row per utterance in the label files or among the recordings, sorted by id."""
    ratings: pd.DataFrame
    """One row per rating, sorted by utterance, kind and rater."""


class Utterance(NamedTuple):
    """A row of utterances.parquet."""

    utterance: str
    dialog: str
    session: int
    speaker: str
    gender: str
    scenario: str
    start: float = math.nan
    """Seconds in the dialog; as everything below unknown for a recording without a label."""
    end: float = math.nan
    category: str | None = None
    arousal: float = math.nan
    valence: float = math.nan
    dominance: float = math.nan
    transcript: str | None = None
    audio: str | None = None
    """Path below the folder that holds the Session folders; none without a recording."""
    source: str | None = None
    """The label file, likewise."""
    line: int = 0
    """In the label file."""


def read(root: Path) -> Corpus:
    """Read ``IEMOCAP_full_release``, or the folder above it.

    Raises:
        AttuneError: no such corpus, no label files, no recordings, or a line that cannot be read.
    """
    release = find_release(root)
    sessions = session_folders(release)
    labels = _label_files(release, sessions)
    audio = _recordings(release, sessions)
    texts: dict[str, str] = {}
    for path in _text_files(sessions, "dialog/transcriptions"):
        texts |= transcripts.read(path)
    rows: list[Utterance] = []
    ratings: list[Rating] = []
    for path in labels:
        source = path.relative_to(release).as_posix()
        summaries, judged = evaluations.read(path)
        rows += [_label(_row(summary.utterance, texts, audio), summary, source) for summary in summaries]
        ratings += judged
    rows += [_row(name, texts, audio) for name in audio.keys() - {row.utterance for row in rows}]
    return Corpus(_table(rows, Utterance, ["utterance"]), _table(ratings, Rating, ["utterance", "kind", "rater"]))


def _label_files(release: Path, sessions: list[Path]) -> list[Path]:
    files = _text_files(sessions, "dialog/EmoEvaluation")
    if not files:
        raise AttuneError(
            "holds no label files",
            where=release,
            remedy="Expected Session1/dialog/EmoEvaluation/Ses01F_impro01.txt and its like.",
        )
    return files


def _recordings(release: Path, sessions: list[Path]) -> dict[str, str]:
    audio: dict[str, str] = {}
    for session in sessions:
        audio |= recordings.find(session, release)
    if not audio:
        raise AttuneError(
            "holds no recordings",
            where=release,
            remedy="Expected Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav and its like.",
        )
    return audio


def _text_files(sessions: list[Path], folder: str) -> list[Path]:
    """Text files of all sessions; hidden ones, such as macOS's ``._`` leftovers, are not text."""
    return [path for session in sessions for path in sorted((session / folder).glob("*.txt")) if path.name[0] != "."]


def _row(name: str, texts: dict[str, str], audio: dict[str, str]) -> Utterance:
    parsed = parse_utterance(name)
    return Utterance(
        utterance=name,
        dialog=str(parsed.dialog),
        session=parsed.dialog.session,
        speaker=parsed.speaker,
        gender=parsed.gender,
        scenario=parsed.dialog.kind,
        transcript=texts.get(name),
        audio=audio.get(name),
    )


def _label(row: Utterance, summary: Summary, source: str) -> Utterance:
    return row._replace(
        start=summary.start,
        end=summary.end,
        category=summary.category,
        arousal=summary.arousal,
        valence=summary.valence,
        dominance=summary.dominance,
        source=source,
        line=summary.line,
    )


def _table(rows: Sequence[Utterance | Rating], kind: type[Utterance | Rating], order: list[str]) -> pd.DataFrame:
    """Rows as a table whose columns have their declared types even where all values are missing."""
    types = {name: _COLUMN_TYPES[hint] for name, hint in get_type_hints(kind).items()}
    table = pd.DataFrame(rows, columns=list(types)).astype(types)
    return table.sort_values(order, kind="stable", ignore_index=True)


_COLUMN_TYPES: dict[Any, str] = {str: "str", str | None: "str", float: "float64", int: "int64", bool: "bool"}
