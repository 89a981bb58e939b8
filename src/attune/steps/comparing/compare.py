"""`attune corpus compare`: bring two sets of recordings of any kind to one form, to compare them."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from attune import params
from attune.artifacts.utterances import read_accepted, read_tasks
from attune.artifacts.validation import PROFILE
from attune.corpus.location import named_root
from attune.errors import AttuneError
from attune.steps.comparing import check as corpus_check
from attune.tasks import names_of
from attune.terminal import tracked
from attune.validation import profile
from attune.validation.drift.comparison import Side
from attune.validation.facts import measure
from attune.validation.verdict import Verdict
from attune.waveform.spans import WHOLE, Span

_WHAT = "Name a folder that `attune validate` wrote, a params.yaml, or recordings: a folder, a file or a list."


class Recording(NamedTuple):
    """A recording, or a part of one, without a label."""

    path: Path
    span: Span = WHOLE


def validated(folder: Path) -> Side:
    """Read what `attune validate` accepted.

    Raises:
        AttuneError: there is no such folder, or it was written before there were profiles.
    """
    tasks = read_tasks(folder)
    labels = read_accepted(folder, "utterance")
    table = PROFILE.read(folder).merge(labels[["utterance", *names_of(tasks)]], on="utterance", how="left")
    return Side(str(folder), table, tasks)


def corpus(file: Path) -> Side:
    """Read and judge the corpus that a parameter file describes.

    Raises:
        AttuneError: it cannot be read.
    """
    loaded = params.load(str(file))
    checked = corpus_check.run(loaded, root=named_root(loaded.corpus.root))
    tasks = checked.corpus.about.tasks
    table = _profile(checked.verdict).merge(
        checked.verdict.accepted[["utterance", *names_of(tasks)]], on="utterance", how="left"
    )
    return Side(checked.corpus.about.name, table, tasks)


def recordings(name: Path, found: list[Recording]) -> Side:
    """Measure recordings without labels, such as a batch to score.

    Raises:
        AttuneError: none of them can be decoded.
    """
    facts = [measure(one.path.parent, one.path.name, one.span) for one in tracked(found, "listening")]
    named = [fact._replace(audio=str(number)) for number, fact in enumerate(facts)]
    table = profile.of_recordings(named)
    if table.empty:
        raise AttuneError("none of its recordings can be decoded", where=name, remedy=_WHAT)
    return Side(str(name), table, undecoded=len(found) - len(table))


def _profile(verdict: Verdict) -> pd.DataFrame:
    found = profile.of_verdict(verdict)
    if found.empty:
        raise AttuneError("no utterance of this corpus is accepted", remedy="`attune corpus check` says why.")
    return found
