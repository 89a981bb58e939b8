"""A corpus synthesised in IEMOCAP's layout, and read like a copy of IEMOCAP."""

from attune.artifacts.utterances import CUES
from attune.corpus import unfinished
from attune.corpus.contract import Corpus, Source
from attune.corpus.iemocap.location import RELEASE
from attune.corpus.readers import iemocap
from attune.corpus.synthetic import defects, plan, speaking, tree


def read(source: Source) -> Corpus:
    """Synthesise recordings, labels and cues in `source.folder` and read them.

    Raises:
        AttuneError: the corpus is too small for every class to occur.
    """
    settings = source.settings.synthetic
    turns = plan.plan(settings)
    kept = source.unfinished or source.folder / ".unfinished"
    with unfinished.folder(kept, speaking.identity(settings)) as folder:
        release = folder / RELEASE
        said = speaking.spoken(turns, release, settings, source.workers)
        texts = [text for _, text in zip(source.progress(turns, "speaking"), said, strict=True)]
        tree.write_texts(turns, texts, release)
        defects.inflict(settings.defects, release)
        corpus = iemocap.read(source._replace(root=release))
        release.rename(source.folder / RELEASE)
    CUES.write(source.folder, tree.cues(turns))
    made = {"kind": "synthetic", "name": "synthetic", "audio": "made", "audio_folder": RELEASE, "published": {}}
    return corpus._replace(about=corpus.about.model_copy(update=made))
