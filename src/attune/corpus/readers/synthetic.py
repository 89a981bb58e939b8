"""A corpus made on the spot in IEMOCAP's layout, and read as a copy of IEMOCAP would be."""

from attune.artifacts.utterances import CUES
from attune.corpus.contract import Corpus, Source
from attune.corpus.iemocap.location import RELEASE
from attune.corpus.readers import iemocap
from attune.corpus.synthetic import plan, tree


def read(source: Source) -> Corpus:
    """Make sounds, labels and cues in `source.folder` and read them.

    Raises:
        AttuneError: too small a corpus for every class to occur in it.
    """
    settings, release = source.settings.synthetic, source.folder / RELEASE
    turns = plan.plan(settings.seed, settings.utterances_per_speaker)
    spoken = source.progress(turns, "speaking")
    texts = tree.write_sounds(spoken, release, seed=settings.seed, strength=settings.strength)
    tree.write_texts(turns, texts, release)
    CUES.write(source.folder, tree.cues(turns))
    corpus = iemocap.read(source._replace(root=release))
    made = {"kind": "synthetic", "name": "synthetic", "audio": "made", "audio_folder": RELEASE, "published": {}}
    return corpus._replace(about=corpus.about.model_copy(update=made))
