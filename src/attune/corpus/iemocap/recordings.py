"""Which utterances have a recording (``sentences/wav/<dialog>/<utterance>.wav``)."""

from pathlib import Path

from attune.corpus.iemocap.ids import is_utterance
from attune.errors import AttuneError


def find(session: Path, release: Path) -> dict[str, str]:
    """Paths below `release` in POSIX form, by utterance id; hidden files are none.

    Raises:
        AttuneError: a file that is not named after an utterance, or two of one name.
    """
    found: dict[str, str] = {}
    for path in sorted((session / "sentences" / "wav").glob("*/*")):
        if path.name.startswith(".") or path.suffix.lower() != ".wav":
            continue
        if not is_utterance(path.stem):
            raise AttuneError(
                "a recording that is not named after an utterance",
                where=path,
                remedy="Names look like Ses01F_impro01_M000.wav; rename the file or take it away.",
            )
        if path.stem in found:
            raise AttuneError(
                f"a second recording of {path.stem}",
                where=path,
                remedy=f"The first is {release / found[path.stem]}; take one away.",
            )
        found[path.stem] = path.relative_to(release).as_posix()
    return found
