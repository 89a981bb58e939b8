"""Step `validate`: check labels and audio; stop on critical faults and quarantine doubtful utterances."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from attune.artifacts.utterances import NOTES, RATINGS, UTTERANCES, write_accepted
from attune.artifacts.validation import PROFILE, QUARANTINE, docs, refused, write_docs, write_found
from attune.corpus.contract import About, Corpus, read_about
from attune.corpus.location import audio_root
from attune.corpus.segments import segments
from attune.errors import AttuneError
from attune.numbers import count, counted
from attune.parallel.threads import in_order
from attune.params import Params
from attune.storage.files import whole_folder
from attune.tasks import names_of
from attune.terminal import Console, tracked
from attune.validation import data_docs, profile
from attune.validation.facts import AudioFacts, measure
from attune.validation.tables import rated
from attune.validation.verdict import Verdict, judge, refusal, summary
from attune.visible import on_a_line
from attune.waveform.parts import Part, decoded_once

READS = ("validate",)


def run(params: Params, *, corpus: Path, root: Path, out: Path) -> None:
    """Write accepted utterances.parquet, profile.parquet, quarantine.csv, validation.json and data docs.

    If a critical rule is broken, `out` is not touched: quarantine, validation.json and data docs go to `refused(out)`
    next to it, as the error message says.

    Args:
        corpus: folder written by the step `corpus`.
        root: folder of a corpus that was not generated.
        out: the folder to write.

    Raises:
        AttuneError: a critical rule is broken, or there is no corpus.
    """
    about = read_about(corpus)
    tables = Corpus(UTTERANCES.read(corpus), _ratings(corpus, about), about, NOTES.read(corpus))
    verdict = judge(tables, measured(tables, audio_root(corpus, root), out), params.validate_)
    if verdict.broken:
        with whole_folder(refused(out)) as folder:
            _write_findings(verdict, folder)
        raise AttuneError(refusal(verdict), where=corpus, remedy=f"The data docs show more: {docs(refused(out))}")
    with whole_folder(out) as folder:
        _write_findings(verdict, folder)
        write_accepted(folder, verdict.accepted, tables.about.tasks)
        PROFILE.write(folder, profile.of_verdict(verdict))
    shutil.rmtree(refused(out), ignore_errors=True)
    _summarise(verdict, out)


def _ratings(corpus: Path, about: About) -> pd.DataFrame:
    """Read the columns to judge, texts as categories: there are several times as many rows as utterances."""
    texts = ("utterance", "rater", "kind")
    return RATINGS.read(corpus, *texts, "self_report", *names_of(rated(about)), categories=texts)


def measured(corpus: Corpus, root: Path, beside: Path) -> Iterator[AudioFacts]:
    """Measure the audio of every utterance lazily, and only once where several share it.

    Args:
        corpus: the tables.
        root: the folder of the recordings.
        beside: what is decoded for several utterances is meanwhile on the same disk as this path.
    """
    heard = corpus.utterances.loc[corpus.utterances["audio"].notna(), ["audio", "start", "end"]]
    keys = ["audio", "start", "end"] if corpus.about.segments else ["audio"]
    parts = heard.drop_duplicates(keys).sort_values(keys)
    times = zip(parts["start"], parts["end"], strict=True)
    rows = zip(times, segments(parts, corpus.about.segments), strict=True)
    steps = tracked(rows, "listening", len(parts))

    def facts(row: tuple[tuple[float, float], Part]) -> AudioFacts:
        (start, end), part = row
        return measure(root, *part)._replace(start=start, end=end)

    return in_order(facts, decoded_once(steps, root.joinpath, beside))


def _write_findings(verdict: Verdict, folder: Path) -> None:
    QUARANTINE.write(folder, verdict.quarantine)
    write_found(folder, summary(verdict))
    write_docs(folder, data_docs.render(verdict))


def _summarise(verdict: Verdict, out: Path) -> None:
    console = Console(highlight=False, soft_wrap=True, markup=False)
    counts = summary(verdict)["utterances"]
    accepted, refused = count(counts["accepted"]), count(counts["quarantined"])
    console.print(f"{counted(counts['all'], 'utterance')}: {accepted} accepted, {refused} in quarantine")
    for outcome in verdict.outcomes:
        if outcome.offenders:
            rule = outcome.rule
            console.print(f"  {rule.action} {len(outcome.offenders)} by {rule.name}: {rule.description}")
    console.print(f"data docs: {on_a_line(docs(out))}")
