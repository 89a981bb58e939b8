"""Which utterances have a recording (``sentences/wav/<dialog>/<utterance>.wav``)."""

from collections.abc import Iterable
from pathlib import Path

from attune.corpus.iemocap import location
from attune.corpus.iemocap.ids import spelt
from attune.errors import AttuneError


def find(sessions: Iterable[Path], release: Path) -> dict[str, str]:
    """Return POSIX paths below `release` by utterance id; ignores hidden files and case.

    Raises:
        AttuneError: a file that is not named after an utterance, or two with the same name, wherever they are.
    """
    found: dict[str, str] = {}
    for path in (path for session in sessions for path in _files(session)):
        utterance = spelt(path.stem)
        if utterance is None:
            raise AttuneError(
                "a recording that is not named after an utterance",
                where=path,
                remedy="Names look like Ses01F_impro01_M000.wav; rename the file or remove it.",
            )
        if utterance in found:
            raise AttuneError(
                f"a second recording of {utterance}",
                where=path,
                remedy=f"The first is {release / found[utterance]}; remove one of them.",
            )
        found[utterance] = path.relative_to(release).as_posix()
    return found


def _files(session: Path) -> list[Path]:
    folder = location.child(session, "sentences", "wav")
    dialogs = sorted(path for path in folder.iterdir() if path.is_dir()) if folder else []
    return [path for dialog in dialogs for path in location.files(dialog, ".wav")]
