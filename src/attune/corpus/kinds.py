"""The kinds of corpus that can be read, by their names in params.yaml."""

from attune.corpus.contract import Corpus, Reader, Source
from attune.corpus.raters import with_raters
from attune.corpus.readers import audformat, iemocap, msp_improv, msp_podcast, several, synthetic, table
from attune.errors import AttuneError

KINDS: dict[str, Reader] = {
    "synthetic": synthetic.read,
    "iemocap": iemocap.read,
    "table": table.read,
    "audformat": audformat.read,
    "msp-podcast": msp_podcast.read,
    "msp-improv": msp_improv.read,
    "several": several.read,
}


def read(source: Source) -> Corpus:
    """Read a corpus of any kind.

    Raises:
        AttuneError: no such kind, or a corpus that cannot be read.
    """
    kind = source.settings.kind
    if kind not in KINDS:
        raise AttuneError(
            f"there is no kind of corpus {kind!r}", where="corpus.kind", remedy=f"Use {', '.join(KINDS)}."
        )
    return with_raters(KINDS[kind](source))
