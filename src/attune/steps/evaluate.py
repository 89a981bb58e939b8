"""Score all predictions, beside chance, the majority class and the published table."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import union_categoricals
from rich.console import Console

from attune.artifacts import evaluation as artifacts
from attune.artifacts import sources
from attune.artifacts.metrics import write as write_metrics
from attune.artifacts.predictions import PREDICTIONS, Run, check_covers, find, read
from attune.artifacts.utterances import ACCEPTED
from attune.corpus.folds import columns
from attune.corpus.labels import to_class
from attune.corpus.protocols import partition
from attune.evaluation.baselines import majority
from attune.evaluation.ceiling import ToClass
from attune.evaluation.depth import Depth, look_deeper
from attune.evaluation.depth_findings import findings
from attune.evaluation.headline import headline
from attune.evaluation.published import cells
from attune.evaluation.scoring import as_metrics, confusions, score_groups, score_partitions
from attune.evaluation.summary import summary
from attune.files import whole_folder
from attune.params import TASKS, Params
from attune.signal import CLASSES

READS = ("protocol", "folds", "systems", "evaluate")

WHO = ("dialog", "session", "speaker", "gender", "scenario")
SCORED = (
    *("system", "fold", "partition", "utterance", "task", "predicted", "score", "actual", "rating"),
    *("dialog", "speaker", "gender", "scenario", "duration", "raters", "spread", *CLASSES),
)
"""What scores are made of: all of it is in memory at once."""
NARROW = dict.fromkeys(("duration", "raters", "spread", *CLASSES), np.float32)
DECIMALS = 6


def run(params: Params, *, validated: Path, predictions: Sequence[Path], metrics: Path, out: Path) -> None:
    """Write `metrics` (a JSON file) and the tables of `out`.

    Raises:
        AttuneError: predictions that are missing, doubled, of another protocol, or not of the protocol's utterances.
    """
    utterances = ACCEPTED.read(validated, *_wanted(validated))
    runs = find(predictions, protocol=params.protocol, systems=params.systems, folds=params.folds)
    with whole_folder(out) as folder:
        rows = _write_tested(folder, params, runs, utterances)
        scored = _joined([rows, _majority(rows, runs)])
        scores = _rounded(score_partitions(scored, params.evaluate))
        depth = Depth(*map(_rounded, look_deeper(rows, dict.fromkeys(TASKS, CLASSES), _to_class, params.evaluate)))
        artifacts.SCORES.write(folder, scores)
        artifacts.GROUPS.write(folder, _rounded(score_groups(scored, params.evaluate)))
        artifacts.PUBLISHED.write(folder, pd.DataFrame(cells()))
        for file, deeper in zip(artifacts.DEEPER, depth, strict=True):
            file.write(folder, deeper if len(deeper) else pd.DataFrame(columns=list(file.columns)))
        artifacts.write_findings(folder, findings(depth, scores))
        artifacts.write_confusions(folder, confusions(rows))
        artifacts.write_headline(folder, headline(scores, list(params.systems)))
        sources.write(folder, runs)
        write_metrics(metrics, folder, as_metrics(params.protocol, scores))
    _print(params, scores)


def _write_tested(folder: Path, params: Params, runs: Sequence[Run], utterances: pd.DataFrame) -> pd.DataFrame:
    """Write every prediction beside the truth, one run at a time, and return what scores are made of, of all."""
    kept = []
    texts = utterances.astype({name: "category" for name in ("utterance", *WHO) if name != "session"})
    with artifacts.TESTED.writing(folder, like=utterances) as tested:
        for run in runs:
            rows = _with_truth(_predicted(run, utterances, params.protocol), texts)
            tested.add_table(rows)
            kept.append(rows[list(SCORED)].astype(NARROW))
    rows = _joined(kept)
    _write_pairs(folder, rows)
    return rows


def _joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One below the other; text that repeats stays in memory once."""
    together = {}
    for name in SCORED:
        columns = [table[name] for table in tables]
        if isinstance(columns[0].dtype, pd.CategoricalDtype):
            together[name] = pd.Series(union_categoricals(columns))
        else:
            together[name] = pd.concat(columns, ignore_index=True)
    return pd.DataFrame(together)


def _wanted(validated: Path) -> list[str]:
    """Columns of the accepted utterances, of which a corpus with one rating each lacks what raters say."""
    path = ACCEPTED.path(validated)
    raters = [name for name in ("raters", *(f"{task}_spread" for task in TASKS)) if ACCEPTED.has(validated, name)]
    return list(dict.fromkeys(("utterance", *WHO, "duration", *columns(path), *TASKS, *raters)))


def _predicted(run: Run, utterances: pd.DataFrame, protocol: str) -> pd.DataFrame:
    table = read(run)
    parts = partition(utterances, protocol, run.fold)
    expected = {"development": parts.development["utterance"], "test": parts.test["utterance"]}
    check_covers(table, expected, where=PREDICTIONS.path(run.folder))
    return table


def _with_truth(rows: pd.DataFrame, texts: pd.DataFrame) -> pd.DataFrame:
    """Rows beside the rating of their utterance, who spoke, and how far its raters agree."""
    at = pd.Index(texts["utterance"]).get_indexer(pd.Index(rows["utterance"]))
    about = {name: texts[name].iloc[at].array for name in ("utterance", *WHO)}
    task = rows["task"].map(TASKS.index).to_numpy(np.intp)
    ratings, spread = (_of_tasks(texts, ending)[at, task] for ending in ("", "_spread"))
    known = {name: _numbers(texts, name)[at] for name in ("duration", "raters")}
    return rows.assign(**about, **known, rating=ratings, spread=spread, actual=to_class(ratings))


def _of_tasks(texts: pd.DataFrame, ending: str) -> NDArray[np.float64]:
    return np.column_stack([_numbers(texts, f"{task}{ending}") for task in TASKS])


def _numbers(texts: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """A column, NaN where a corpus has none, such as of raters where it has one rating each."""
    return texts[name].to_numpy(np.float64) if name in texts else np.full(len(texts), np.nan)


def _majority(rows: pd.DataFrame, runs: Sequence[Run]) -> pd.DataFrame:
    system = runs[0].system
    own = {run.fold: run.provenance for run in runs if run.system == system}
    constant = majority(
        rows[rows["system"] == system],
        {fold: dict(provenance.majority_class) for fold, provenance in own.items()},
        {fold: dict(provenance.mean_rating) for fold, provenance in own.items()},
    )
    return constant.astype({"system": "category"})


def _to_class(_: str) -> ToClass:
    return to_class


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    """To 6 decimals and without negative zeros, so that the last bits of a sum do not show in the files."""
    numbers = [name for name in table if table[name].dtype.kind == "f"]
    return table.assign(**(table[numbers].round(DECIMALS) + 0.0))


def _write_pairs(folder: Path, rows: pd.DataFrame) -> None:
    """One table of class names per system and task."""
    test = rows[rows["partition"] == "test"]
    for (system, task), own in test.groupby(["system", "task"]):
        names = own[["actual", "predicted"]].map(CLASSES.__getitem__)
        artifacts.write_pairs(folder, str(system), str(task), names)


def _print(params: Params, scores: pd.DataFrame) -> None:
    n = scores.loc[scores["partition"] == "test", "n"].max()
    title = f"Test partition: {params.protocol}, {', '.join(params.folds)}, {n} utterances"
    console = Console()
    console.print(summary(scores, params.evaluate.confidence, title))
    lacking = scores.loc[scores["absent"].ne(""), ["partition", "task", "absent"]].drop_duplicates()
    for partition_name, task, absent in lacking.itertuples(index=False):
        names = " or ".join(CLASSES[int(number)] for number in absent.split(","))
        console.print(f"{partition_name}: no utterance is {names} in {task}; UAR and macro F1 leave that out.")
