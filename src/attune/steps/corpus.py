"""Step `corpus`: a corpus, read or made, as tables of utterances and ratings."""

from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.progress import track
from rich.table import Table

from attune.corpus import iemocap
from attune.corpus.labels import CLASSES, to_class
from attune.corpus.location import RELEASE
from attune.corpus.synthetic import plan, tree
from attune.files import whole_folder
from attune.params import TASKS, Params, Synthetic

READS = ("corpus",)


def run(params: Params, *, root: Path, out: Path) -> None:
    """Write utterances.parquet and ratings.parquet; of a synthetic corpus also its sounds, labels and cues.

    Args:
        root: the folder that holds the Session folders of a real corpus.
        out: the folder to write.

    Raises:
        AttuneError: no readable corpus at `root`, or too small a synthetic one.
    """
    with whole_folder(out) as folder:
        if params.corpus.kind == "synthetic":
            _make(params.corpus.synthetic, folder)
        corpus = iemocap.read(folder if params.corpus.kind == "synthetic" else root)
        corpus.utterances.to_parquet(folder / "utterances.parquet", index=False)
        corpus.ratings.to_parquet(folder / "ratings.parquet", index=False)
    _summarise(corpus, params.corpus.kind)


def _make(settings: Synthetic, folder: Path) -> None:
    turns = plan.plan(settings.seed, settings.utterances_per_speaker)
    spoken = track(
        turns,
        description="speaking",
        console=Console(stderr=True),
        disable=not Console(stderr=True).is_terminal,
        transient=True,
    )
    texts = tree.write_sounds(spoken, folder / RELEASE, seed=settings.seed, strength=settings.strength)
    tree.write_texts(turns, texts, folder / RELEASE)
    tree.cues(turns).to_parquet(folder / "cues.parquet", index=False)


def _summarise(corpus: iemocap.Corpus, kind: str) -> None:
    utterances = corpus.utterances
    hours = (utterances["end"] - utterances["start"]).sum() / 3600
    facts = (
        f"{len(utterances)} utterances, {utterances['speaker'].nunique()} speakers, "
        f"{utterances['dialog'].nunique()} dialogs, {hours:.2f} h by the labels, {len(corpus.ratings)} ratings; "
        f"{utterances['audio'].isna().sum()} without a recording, {utterances['source'].isna().sum()} without a label"
    )
    Console().print(f"{kind} corpus: {facts}", highlight=False, soft_wrap=True)
    Console().print(_classes(utterances))


def _classes(utterances: pd.DataFrame) -> Table:
    """How many utterances are low, middle and high on each task."""
    table = Table("task", "mean", *CLASSES, "unlabelled")
    for task in TASKS:
        ratings = utterances[task].dropna()
        counts = pd.Series(to_class(ratings)).value_counts()
        missing = len(utterances) - len(ratings)
        cells = [str(counts.get(number, 0)) for number in range(len(CLASSES))]
        table.add_row(task, f"{ratings.mean():.2f}", *cells, str(missing))
    return table
