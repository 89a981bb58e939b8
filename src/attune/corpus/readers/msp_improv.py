"""MSP-IMPROV (Busso et al. 2017), from its published description. **Not tested on the original corpus.**

``Evalution.txt`` (sic) has a line with a video's name, the category most raters chose and the mean ratings (1 to 5),
and below it a line per rater::

    UTD-IMPROV-S01A-F01-P-FM01.avi; A; A:2.571; V:3.400; D:2.800 ; N:3.200;
    WORKER00000001; A; Angry,; A:3.000; V:4.000; D:3.000; N:4.000;

In ``S01A-F01-P-FM01`` S01 is the sentence, A its intended emotion, F01 the speaker, the woman (M: the man) of the
first pair, and P the scenario (R: read, S: improvised up to the sentence, P and T: as in the description). The
recording is ``session1/S01A/P/MSP-IMPROV-S01A-F01-P-FM01.wav``.
"""

import math
import re
from pathlib import Path

from attune.corpus import text
from attune.corpus.contract import About, Corpus, Note, Rating, Source, Utterance, note_table
from attune.corpus.iemocap.blocks import UNREADABLE
from attune.corpus.origin import MSP_LICENCE
from attune.corpus.rows import rating_table, utterance_table
from attune.errors import AttuneError
from attune.tasks import TASKS

LABELS = ("Evalution.txt", "Evaluation.txt")
_SCORE = r"\d+\.?\d*|\.\d+|nan"
_SCORES = rf"A:\s*(?P<arousal>{_SCORE})\s*;\s*V:\s*(?P<valence>{_SCORE})\s*;\s*D:\s*(?P<dominance>{_SCORE})\s*;.*"
_NAME = re.compile(
    r"(?:UTD|MSP)-IMPROV-(?P<sentence>S\d+[A-Z])-(?P<gender>[FM])(?P<pair>\d+)-(?P<scenario>[PRST])-(?P<turn>\w+)"
)
_SUMMARY = re.compile(r"(?P<file>(?:UTD|MSP)-IMPROV-\S+?)\.avi\s*;\s*(?P<category>\w+)\s*;\s*" + _SCORES, re.IGNORECASE)
_RATER = re.compile(r"(?P<rater>[\w-]+)\s*;\s*(?P<category>[^;]*);(?P<more>[^;]*);\s*" + _SCORES, re.IGNORECASE)
_SCENARIOS = {"P": "natural interaction", "R": "target read", "S": "other improvised", "T": "target improvised"}


def read(source: Source) -> Corpus:
    """Read the evaluations and find the recordings.

    Raises:
        AttuneError: no label file, or a summary that cannot be read.
    """
    path = next((source.root / name for name in LABELS if (source.root / name).is_file()), None)
    if path is None:
        raise AttuneError(
            f"contains no {LABELS[0]}", where=source.root, remedy="Set corpus.root to MSP-IMPROV's folder."
        )
    audio = _recordings(source.root)
    rows: list[Utterance] = []
    ratings: list[Rating] = []
    notes: list[Note] = []
    for number, line in enumerate(text.read(path).split("\n"), start=1):
        if summary := _SUMMARY.fullmatch(line.strip()):
            rows.append(_utterance(summary, path.name, number, audio))
        elif "IMPROV-" in line.upper():
            raise AttuneError(f"cannot be read as an utterance: {line!r}", where=f"{path}:{number}")
        elif rows and (judged := _RATER.fullmatch(line.strip())):
            scores = {task: _number(judged[task]) for task in TASKS}
            ratings.append(
                Rating(rows[-1].utterance, judged["rater"], "dimensional", False, scores, category=None, comment=None)
            )
        elif line.strip():
            notes.append(Note(UNREADABLE, path.name, number, f"cannot be read as a rating: {line!r}"))
    about = About(
        kind="msp-improv",
        name="MSP-IMPROV",
        licence=MSP_LICENCE,
        sessions=tuple(f"pair{number}" for number in range(1, 7)),
        speakers_per_session=2,
        oddities=(UNREADABLE,),
    )
    return Corpus(utterance_table(rows), rating_table(ratings), about, note_table(notes))


def _recordings(root: Path) -> dict[str, str]:
    """Return paths below `root` by utterance, ignoring case.

    Raises:
        AttuneError: two recordings have the same name.
    """
    found: dict[str, str] = {}
    for path in sorted(root.glob("*/*/*/*.*")):
        below, name = path.relative_to(root).as_posix(), path.stem.upper()
        if below.lower().startswith("session") and path.suffix.lower() == ".wav" and not name.startswith("."):
            if name in found:
                raise AttuneError(
                    f"a second recording of {name}",
                    where=path,
                    remedy=f"The first is {found[name]}; remove one of them.",
                )
            found[name] = below
    return found


def _utterance(summary: re.Match[str], source: str, line: int, audio: dict[str, str]) -> Utterance:
    name = "MSP" + summary["file"][3:]
    parts = _NAME.fullmatch(name)
    if parts is None:
        raise AttuneError(f"{summary['file']!r} is not an utterance's name", where=f"{source}:{line}")
    pair = f"pair{int(parts['pair'])}"
    return Utterance(
        utterance=name,
        dialog=f"{pair}-{parts['sentence']}-{parts['scenario']}",
        session=pair,
        speaker=f"{parts['gender']}{parts['pair']}",
        gender=parts["gender"],
        scenario=_SCENARIOS[parts["scenario"]],
        category=summary["category"],
        ratings={task: _number(summary[task]) for task in TASKS},
        audio=audio.get(name.upper()),
        source=source,
        line=line,
    )


def _number(digits: str) -> float:
    return math.nan if digits.lower() == "nan" else float(digits)
