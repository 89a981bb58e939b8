"""A corpus without a fault, small enough to break by hand: tables and audio facts, no files."""

from dataclasses import dataclass, field

import pandas as pd
import pytest
from reading import IEMOCAP

from attune.corpus import contract
from attune.params import Validate
from attune.validation.facts import AudioFacts
from attune.validation.verdict import Verdict, judge

RATINGS = (1.5, 2.5, 3.0, 3.5, 4.5)
PER_SPEAKER = 5


@dataclass
class Corpus:
    """What `judge` takes; tests break it in place."""

    utterances: pd.DataFrame
    ratings: pd.DataFrame
    facts: dict[str, AudioFacts] = field(default_factory=dict)
    about: contract.About = IEMOCAP
    notes: pd.DataFrame = field(default_factory=lambda: contract.note_table([]))

    def set(self, utterance: str, /, **cells: object) -> None:
        rows = self.utterances["utterance"] == utterance
        for column, value in cells.items():
            self.utterances.loc[rows, column] = value

    def set_facts(self, utterance: str, **values: object) -> None:
        self.facts[utterance] = self.facts[utterance]._replace(**values)

    def set_own_rating(self, utterance: str, **cells: object) -> None:
        rows = (self.ratings["utterance"] == utterance) & self.ratings["self_report"]
        for column, value in cells.items():
            self.ratings.loc[rows, column] = value

    @property
    def tables(self) -> contract.Corpus:
        return contract.Corpus(self.utterances, self.ratings, self.about, self.notes)

    def judge(self, **settings: float) -> Verdict:
        return judge(self.tables, self.facts.values(), Validate(**settings))


@pytest.fixture
def corpus() -> Corpus:
    """Five sessions, ten speakers, fifty utterances with balanced classes; two external raters and the speaker."""
    rows = [
        _utterance(session, gender, turn) for session in range(1, 6) for gender in "FM" for turn in range(PER_SPEAKER)
    ]
    ratings = [_rating(row, rater) for row in rows for rater in ("E3", "E4", row["speaker"][-1] + "1")]
    facts = {row["utterance"]: _facts(row) for row in rows}
    return Corpus(pd.DataFrame(rows), pd.DataFrame(ratings), facts)


def _utterance(session: int, gender: str, turn: int) -> dict:
    dialog = f"Ses0{session}F_impro01"
    utterance = f"{dialog}_{gender}{turn:03d}"
    return {
        "utterance": utterance,
        "dialog": dialog,
        "session": session,
        "speaker": f"Ses0{session}{gender}",
        "gender": gender,
        "scenario": "improvised",
        "start": float(turn),
        "end": turn + 1.0,
        "category": None,
        "arousal": RATINGS[turn],
        "valence": RATINGS[turn],
        "dominance": RATINGS[turn],
        "transcript": None,
        "audio": f"Session{session}/sentences/wav/{dialog}/{utterance}.wav",
        "source": f"Session{session}/dialog/EmoEvaluation/{dialog}.txt",
        "line": 3 + 7 * turn + (40 if gender == "M" else 0),
    }


def _facts(row: dict) -> AudioFacts:
    measured = {"duration": 1.0, "peak": 0.5, "level": 0.1, "dc_offset": 0.0, "clipped": 0.0}
    measured |= {"off_scale": 0, "in_phase": 1.0, "dead_channels": 0, "length": "as stated"}
    return AudioFacts(row["audio"], "none", 16000, 16000, 1, **measured, content=row["utterance"])


def _rating(row: dict, rater: str) -> dict:
    off = {"E3": -0.5, "E4": 0.5}.get(rater, 0.3)
    own = not rater.startswith("E")
    scale = {task: row[task] + off for task in ("arousal", "valence", "dominance")}
    return {"utterance": row["utterance"], "rater": rater, "kind": "dimensional", "self_report": own, **scale}
