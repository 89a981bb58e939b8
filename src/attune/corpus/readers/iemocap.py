"""A corpus in IEMOCAP's layout. Nothing is repaired."""

from pathlib import Path

from attune.corpus.contract import About, Corpus, Rating, Source, Utterance, rating_table, utterance_table
from attune.corpus.iemocap import evaluations, recordings, transcripts
from attune.corpus.iemocap.evaluations import Summary
from attune.corpus.iemocap.ids import SESSIONS, parse_utterance
from attune.corpus.iemocap.location import find_release, session_folders
from attune.errors import AttuneError


def read(source: Source) -> Corpus:
    """Read ``IEMOCAP_full_release``, or the folder above it.

    Raises:
        AttuneError: no such corpus, no label files, no recordings, or a line that cannot be read.
    """
    release = find_release(source.root)
    sessions = session_folders(release)
    labels = _label_files(release, sessions)
    audio = _recordings(release, sessions)
    texts: dict[str, str] = {}
    for path in _text_files(sessions, "dialog/transcriptions"):
        texts |= transcripts.read(path)
    rows: list[Utterance] = []
    ratings: list[Rating] = []
    for path in labels:
        file = path.relative_to(release).as_posix()
        summaries, judged = evaluations.read(path)
        rows += [_label(_row(summary.utterance, texts, audio), summary, file) for summary in summaries]
        ratings += judged
    rows += [_row(name, texts, audio) for name in audio.keys() - {row.utterance for row in rows}]
    folder = release.relative_to(source.root).as_posix()
    about = About(kind="iemocap", name="IEMOCAP", sessions=SESSIONS, speakers_per_session=2, audio_folder=folder)
    return Corpus(utterance_table(rows), rating_table(ratings), about)


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
