"""`attune corpus check`: read a corpus, measure its audio and judge it, without keeping anything."""

import tempfile
from pathlib import Path
from typing import NamedTuple

from attune.corpus import contract, kinds
from attune.corpus.contract import Corpus, Source
from attune.corpus.location import audio_root
from attune.params import Params
from attune.steps.validate import measured
from attune.terminal import tracked
from attune.validation.preview import Preview, preview
from attune.validation.verdict import Verdict, judge


class Checked(NamedTuple):
    """A corpus, its verdict and a preview of a run on it."""

    corpus: Corpus
    verdict: Verdict
    preview: Preview


def run(params: Params, *, root: Path) -> Checked:
    """Read a corpus, measure its audio and judge it.

    Raises:
        AttuneError: the corpus cannot be read, or lacks what the protocol needs.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus = kinds.read(Source(params.corpus, root, folder, tracked))
        contract.write(corpus, folder)
        verdict = judge(corpus, measured(corpus, audio_root(folder, root), folder), params.validate_)
    return Checked(corpus, verdict, preview(corpus, verdict, params))
