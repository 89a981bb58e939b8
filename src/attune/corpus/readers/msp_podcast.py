"""MSP-Podcast (Lotfian and Busso 2019), from its published description. **Not tested on the original corpus.**

``Labels/labels_consensus.csv`` has FileName, EmoClass, EmoAct, EmoVal and EmoDom (1 to 7), SpkrID, Gender and
Split_Set; ``Labels/labels_detailed.csv`` has one row per rating, with a column for each dimension or, in some
releases, all in the column EmoDetail; ``Audios/`` contains the recordings. Older releases spell it ``concensus``, and
the folder ``labels`` or ``label``. The protocol ``given`` uses the corpus's own partitions.
"""

from pathlib import Path

import pandas as pd

from attune.corpus.contract import Corpus, Source
from attune.corpus.origin import MSP_LICENCE
from attune.corpus.readers import table
from attune.corpus.tabular import files, rows
from attune.corpus.tabular.settings import Columns, Raters, Table, Task

_TASKS = {
    task: Task(column=column, scale=[1.0, 7.0])
    for task, column in {"arousal": "EmoAct", "valence": "EmoVal", "dominance": "EmoDom"}.items()
}
_FOLDERS = ("Labels", "labels", "label")
_CONSENSUS = ("labels_consensus.csv", "labels_concensus.csv")
_DETAILED = ("labels_detailed.csv",)
_AUDIO = "Audios"
_DETAIL = "EmoDetail"
"""The column of ``WORKER00000001; Neutral; Happy,Concerned; A:4.000; V:4.000; D:4.000;``."""
_RATERS = ("Worker", "Workers", "WorkerID")


def read(source: Source) -> Corpus:
    """Read the consensus labels, and each rater's if present.

    Raises:
        AttuneError: as for the reader of tables.
    """
    columns = Columns(
        audio="FileName",
        utterance="FileName",
        speaker="SpkrID",
        gender="Gender",
        category="EmoClass",
        partition="Split_Set",
    )
    settings = Table(
        name="MSP-Podcast",
        licence=MSP_LICENCE,
        files=_file(source.root, _CONSENSUS) or f"{_FOLDERS[0]}/{_CONSENSUS[0]}",
        folder=_AUDIO,
        columns=columns,
        tasks=_TASKS,
    )
    corpus = table.read_table(settings, source.root)
    if detailed := _file(source.root, _DETAILED):
        corpus = corpus._replace(ratings=_ratings(detailed, corpus.utterances, source.root))
    return corpus._replace(about=corpus.about.model_copy(update={"kind": "msp-podcast"}))


def _file(root: Path, names: tuple[str, ...]) -> str | None:
    """Return the first of the files that is there, as a path below `root`."""
    paths = (f"{folder}/{name}" for folder in _FOLDERS for name in names)
    return next((path for path in paths if (root / path).is_file()), None)


def _ratings(name: str, utterances: pd.DataFrame, root: Path) -> pd.DataFrame:
    rated = files.read(root, [name])
    if _DETAIL in rated:
        rated = _parted(rated)
    rater = next((column for column in _RATERS if column in rated), _RATERS[0])
    raters = Raters(files=name, utterance="FileName", rater=rater)
    return rows.ratings(rated, raters, _TASKS, utterances, root, folder=_AUDIO)


def _parted(rated: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the parts of EmoDetail as columns; what a rater left out is a missing value."""
    detail = rated[_DETAIL].str
    scores = {
        str(task.column): detail.extract(rf";\s*{name[0].upper()}:\s*([^;\s]+)", expand=False)
        for name, task in _TASKS.items()
    }
    return rated.assign(**{_RATERS[0]: detail.extract(r"^\s*([^;\s]+)", expand=False)}, **scores)
