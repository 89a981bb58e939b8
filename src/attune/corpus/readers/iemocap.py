"""A corpus in IEMOCAP's layout. Nothing is repaired."""

from pathlib import Path

from attune.corpus.contract import About, Corpus, Source, Utterance, note_table
from attune.corpus.iemocap import blocks, inventory, recordings, transcripts
from attune.corpus.iemocap.evaluations import Summary
from attune.corpus.iemocap.ids import SESSIONS, parse_utterance
from attune.corpus.iemocap.location import child, files, find_release, session_folders
from attune.corpus.rows import utterance_table
from attune.errors import AttuneError


def read(source: Source) -> Corpus:
    """Read ``IEMOCAP_full_release``, or the only copy of it below the root.

    Raises:
        AttuneError: no such corpus or several, a session twice, no label files, no recordings or two of an utterance,
            unreadable summaries, or repeated blocks that differ.
    """
    release = find_release(source.root)
    sessions = session_folders(release)
    labels = blocks.read(_label_files(release, sessions), release)
    audio = _recordings(release, sessions)
    texts: dict[str, str] = {}
    for path in _text_files(sessions, "dialog", "transcriptions"):
        texts |= transcripts.read(path)
    rows = [
        _label(_row(one.block.summary.utterance, texts, audio), one.block.summary, one.source) for one in labels.blocks
    ]
    rows += [_row(name, texts, audio) for name in audio.keys() - {row.utterance for row in rows}]
    return Corpus(
        utterance_table(rows), labels.ratings, _about(release.relative_to(source.root)), note_table(labels.notes)
    )


def _about(folder: Path) -> About:
    return About(
        kind="iemocap",
        name="IEMOCAP",
        sessions=SESSIONS,
        speakers_per_session=2,
        audio_folder=folder.as_posix(),
        published=inventory.PUBLISHED,
        oddities=(blocks.UNREADABLE, blocks.REPEATED),
    )


def _label_files(release: Path, sessions: list[Path]) -> list[Path]:
    found = _text_files(sessions, "dialog", "EmoEvaluation")
    if not found:
        raise AttuneError(
            "contains no label files",
            where=release,
            remedy="Expected Session1/dialog/EmoEvaluation/Ses01F_impro01.txt and so on.",
        )
    return found


def _recordings(release: Path, sessions: list[Path]) -> dict[str, str]:
    audio = recordings.find(sessions, release)
    if not audio:
        raise AttuneError(
            "contains no recordings",
            where=release,
            remedy="Expected Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav and so on.",
        )
    return audio


def _text_files(sessions: list[Path], *folder: str) -> list[Path]:
    return [path for session in sessions for path in files(child(session, *folder), ".txt")]


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
        ratings={"arousal": summary.arousal, "valence": summary.valence, "dominance": summary.dominance},
        source=source,
        line=summary.line,
    )
