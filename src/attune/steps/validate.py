"""Step `validate`: check labels and audio; stop on critical faults, put doubtful utterances in quarantine."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pyarrow as pa
from rich.console import Console
from rich.progress import track

from attune.corpus.contract import Corpus, read_about
from attune.corpus.location import audio_root
from attune.corpus.segments import segments
from attune.errors import AttuneError
from attune.files import whole_folder
from attune.params import Params
from attune.validation import data_docs
from attune.validation.facts import AudioFacts, measure
from attune.validation.verdict import Verdict, judge, refusal, summary

READS = ("validate",)

DOCS = Path("docs/index.html")


def run(params: Params, *, corpus: Path, root: Path, out: Path) -> None:
    """Write accepted utterances.parquet, quarantine.csv, validation.json and data docs.

    Where a critical rule is broken `out` is not touched: quarantine, validation.json and data docs go to `refused(out)`
    beside it, and the error says so.

    Args:
        corpus: folder written by the step `corpus`.
        root: where a corpus lies that was not made on the spot.
        out: the folder to write.

    Raises:
        AttuneError: a critical rule is broken, or there is no corpus.
    """
    tables = Corpus(
        _table(corpus / "utterances.parquet"),
        _table(corpus / "ratings.parquet"),
        read_about(corpus),
        _table(corpus / "notes.parquet"),
    )
    facts = measured(tables, audio_root(corpus, root))
    verdict = judge(tables, facts, params.validate_)
    if verdict.broken:
        with whole_folder(refused(out)) as folder:
            _write_findings(verdict, folder)
        raise AttuneError(refusal(verdict), where=corpus, remedy=f"The data docs show more: {refused(out) / DOCS}")
    with whole_folder(out) as folder:
        _write_findings(verdict, folder)
        verdict.accepted.to_parquet(folder / "utterances.parquet", index=False)
    shutil.rmtree(refused(out), ignore_errors=True)
    _summarise(verdict, out)


def refused(out: Path) -> Path:
    """Where the findings go when the data is refused: beside `out`, so that no step takes them for accepted data."""
    return out.with_name(f"{out.name}.failed")


def _table(path: Path) -> pd.DataFrame:
    remedy = "Run `attune corpus` first; --corpus names the folder it wrote."
    if not path.is_file():
        raise AttuneError("no such table", where=path, remedy=remedy)
    try:
        return pd.read_parquet(path)
    except (pa.ArrowException, OSError) as error:
        raise AttuneError(f"cannot be read as a table ({error})", where=path, remedy=remedy) from None


def measured(corpus: Corpus, root: Path) -> list[AudioFacts]:
    """What can be said about the audio of every utterance, measured once where several share it."""
    terminal = Console(stderr=True)
    heard = corpus.utterances[corpus.utterances["audio"].notna()]
    keys = ["audio", "start", "end"] if corpus.about.segments else ["audio"]
    parts = heard.drop_duplicates(keys).sort_values(keys)
    rows = list(zip(segments(parts, corpus.about.segments), parts["start"], parts["end"], strict=True))
    steps = track(rows, "listening", console=terminal, disable=not terminal.is_terminal, transient=True)
    return [measure(root, *where)._replace(start=start, end=end) for where, start, end in steps]


def _write_findings(verdict: Verdict, folder: Path) -> None:
    verdict.quarantine.to_csv(folder / "quarantine.csv", index=False, lineterminator="\n")
    text = json.dumps(summary(verdict), indent=2, ensure_ascii=False, allow_nan=False)
    (folder / "validation.json").write_text(text + "\n", encoding="utf-8")
    (folder / DOCS).parent.mkdir()
    (folder / DOCS).write_text(data_docs.render(verdict), encoding="utf-8")


def _summarise(verdict: Verdict, out: Path) -> None:
    console = Console(highlight=False, soft_wrap=True)
    counts = summary(verdict)["utterances"]
    console.print(f"{counts['all']} utterances: {counts['accepted']} accepted, {counts['quarantined']} in quarantine")
    for outcome in verdict.outcomes:
        if outcome.offenders:
            rule = outcome.rule
            console.print(f"  {rule.action} {len(outcome.offenders)} by {rule.name}: {rule.description}", markup=False)
    console.print(f"data docs: {out / DOCS}")
