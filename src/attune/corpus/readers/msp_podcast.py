"""MSP-Podcast (Lotfian and Busso 2019), from its published description. **Not tested on the original corpus.**

``Labels/labels_consensus.csv`` has FileName, EmoClass, EmoAct, EmoVal and EmoDom (1 to 7), SpkrID, Gender and
Split_Set; ``Labels/labels_detailed.csv`` has one row per rating; ``Audios/`` contains the recordings. The protocol
``given`` uses the corpus's own partitions.
"""

from attune.corpus.contract import Corpus, Source
from attune.corpus.origin import MSP_LICENCE
from attune.corpus.readers import table
from attune.corpus.tabular.settings import Columns, Raters, Table, Task

_TASKS = {"arousal": "EmoAct", "valence": "EmoVal", "dominance": "EmoDom"}
_DETAILED = "Labels/labels_detailed.csv"


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
    raters = Raters(files=_DETAILED, utterance="FileName", rater="Worker")
    settings = Table(
        name="MSP-Podcast",
        licence=MSP_LICENCE,
        files="Labels/labels_consensus.csv",
        folder="Audios",
        columns=columns,
        tasks={task: Task(column=column, scale=[1.0, 7.0]) for task, column in _TASKS.items()},
        raters=raters if (source.root / _DETAILED).is_file() else None,
    )
    corpus = table.read_table(settings, source.root)
    return corpus._replace(about=corpus.about.model_copy(update={"kind": "msp-podcast"}))
