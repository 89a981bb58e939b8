"""Read a corpus below a folder as the step `corpus` would."""

from pathlib import Path

from attune.corpus import kinds
from attune.corpus.contract import About, Corpus, Source
from attune.settings.corpus import Corpus as Settings

IEMOCAP = About(
    kind="iemocap",
    name="IEMOCAP",
    sessions=(1, 2, 3, 4, 5),
    speakers_per_session=2,
    oddities=("unreadable-rating", "repeated-block"),
)
SYNTHETIC = IEMOCAP.model_copy(update={"kind": "synthetic", "name": "synthetic", "audio": "made"})


def read(root: Path, kind: str = "iemocap", **settings: object) -> Corpus:
    return kinds.read(Source(Settings.model_validate({"kind": kind, **settings}), root, root))
