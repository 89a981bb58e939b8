"""Step `corpus`: read or generate a corpus as tables of utterances and ratings."""

from pathlib import Path

import pandas as pd
from rich.markup import escape
from rich.table import Table

from attune.artifacts.utterances import RECORDINGS
from attune.corpus import kinds
from attune.corpus.contract import Corpus, Source, write
from attune.corpus.heard import digests
from attune.params import Params
from attune.storage.files import whole_folder
from attune.tasks import Tasks, class_names
from attune.terminal import Console, tracked
from attune.visible import on_a_line

READS = ("corpus",)


def run(params: Params, *, root: Path, out: Path, workers: int | None = None) -> None:
    """Write utterances.parquet, ratings.parquet and corpus.json.

    An existing corpus also gets recordings.parquet; a generated one gets sounds, labels and cues.

    Args:
        root: folder of a corpus that is not generated.
        out: the folder to write.
        workers: processes that generate a corpus, without effect on the result; by default as many as are useful.

    Raises:
        AttuneError: there is no such kind of corpus, no readable one at `root`, or a synthetic one is too small.
    """
    unfinished = out.with_name(f".{out.name}.unfinished")
    with whole_folder(out) as folder:
        corpus = kinds.read(Source(params.corpus, root, folder, tracked, unfinished, workers))
        write(corpus, folder)
        if corpus.about.audio == "found":
            recordings = sorted(set(corpus.utterances["audio"].dropna()))
            RECORDINGS.write(folder, digests(root / corpus.about.audio_folder, tracked(recordings, "reading")))
    _summarise(corpus)


def _summarise(corpus: Corpus) -> None:
    utterances = corpus.utterances
    speakers = f"{utterances['speaker'].nunique()} speakers" if corpus.about.speakers_known else "speakers unknown"
    seconds = (utterances["end"] - utterances["start"]).dropna()
    hours = f"{seconds.sum() / 3600:.2f} h labelled, " if len(seconds) else ""
    facts = (
        f"{len(utterances)} utterances, {speakers}, "
        f"{utterances['dialog'].nunique()} dialogs, {hours}{len(corpus.ratings)} ratings; "
        f"{utterances['audio'].isna().sum()} without a recording, {utterances['source'].isna().sum()} without a label"
    )
    Console().print(f"{escape(on_a_line(corpus.about.name))} corpus: {facts}", highlight=False, soft_wrap=True)
    Console().print(_classes(utterances, corpus.about.tasks))


def _classes(utterances: pd.DataFrame, tasks: Tasks) -> Table:
    """Return a table of the number of utterances in each class, such as low, middle and high, of each task."""
    names = class_names(tasks)
    table = Table("task", "mean", *map(escape, names), "unlabelled")
    for task in tasks:
        ratings = utterances[task.name].dropna()
        counts = pd.Series(task.to_class(ratings)).value_counts()
        missing = len(utterances) - len(ratings)
        cells = {name: str(counts.get(number, 0)) for number, name in enumerate(task.classes)}
        mean = f"{task.own(ratings).mean():.2f}" if task.rated and len(ratings) else ""
        table.add_row(task.name, mean, *(cells.get(name, "") for name in names), str(missing))
    return table
