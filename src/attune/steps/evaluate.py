"""Score all predictions, along with chance, the majority class and the published table."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import union_categoricals

from attune.artifacts import evaluation as artifacts
from attune.artifacts import sources
from attune.artifacts.metrics import write as write_metrics
from attune.artifacts.predictions import PREDICTIONS, Run, check_covers, find, read
from attune.artifacts.utterances import ACCEPTED, read_accepted, read_tasks
from attune.corpus.folds import columns
from attune.corpus.protocols import partition
from attune.errors import AttuneError
from attune.evaluation.baselines import majority
from attune.evaluation.depth.findings import findings
from attune.evaluation.depth.tables import Depth, adjusted, look_deeper
from attune.evaluation.headline import headline
from attune.evaluation.published import cells
from attune.evaluation.scoring import MOST_SPEAKERS, as_metrics, confusions, score_groups, score_partitions, several
from attune.evaluation.summary import summary
from attune.params import Params
from attune.steps.fitting import learning
from attune.storage.files import whole_folder
from attune.tasks import Tasks, class_names, names_of
from attune.terminal import Console

READS = ("protocol", "folds", "systems", "evaluate")

WHO = ("dialog", "session", "speaker", "gender", "scenario")
SCORED = (
    *("system", "fold", "partition", "utterance", "task", "predicted", "score", "actual", "rating"),
    *("dialog", "speaker", "gender", "scenario", "duration", "raters", "spread"),
)
"""The columns that scores are computed from: all of them are in memory at once."""
_NARROW = ("duration", "raters", "spread")
DECIMALS = 6
MOST_FOLDS = 10
"""With more folds than this, their names are not printed."""


def run(
    params: Params, *, validated: Path, features: Path, predictions: Sequence[Path], metrics: Path, out: Path
) -> None:
    """Write `metrics` (a JSON file) and the tables of `out`.

    Raises:
        AttuneError: predictions are missing, duplicated, of another protocol, or not of the protocol's utterances.
    """
    tasks = read_tasks(validated)
    utterances = read_accepted(validated, *wanted(validated, tasks))
    runs = find(predictions, protocol=params.protocol, systems=params.systems, folds=params.folds)
    with whole_folder(out) as folder:
        rows = _write_tested(folder, params, runs, tasks, utterances)
        scored = _joined([rows, _majority(rows, runs)])
        scores = _rounded(score_partitions(scored, params.evaluate, tasks))
        learnt = adjusted(learning.curves(params, rows, utterances, tasks, features), "over_p", "share")
        depth = Depth(*map(_rounded, look_deeper(rows, tasks, params.evaluate)._replace(learning=learnt)))
        artifacts.SCORES.write(folder, scores)
        artifacts.GROUPS.write(folder, _rounded(score_groups(scored, params.evaluate, tasks)))
        artifacts.PUBLISHED.write(folder, pd.DataFrame(cells()))
        for file, deeper in zip(artifacts.DEEPER, depth, strict=True):
            file.write(folder, deeper if len(deeper) else pd.DataFrame(columns=list(file.columns)))
        artifacts.write_findings(folder, findings(depth, scores))
        artifacts.write_confusions(folder, confusions(rows, tasks))
        artifacts.write_headline(folder, headline(scores, list(params.systems)))
        sources.write(folder, runs)
        write_metrics(metrics, folder, as_metrics(params.protocol, scores))
    _print(params, scores, rows, tasks)


def _write_tested(
    folder: Path, params: Params, runs: Sequence[Run], tasks: Tasks, utterances: pd.DataFrame
) -> pd.DataFrame:
    """Write all predictions with the truth, one run at a time, and return the columns of all that scores need."""
    kept, classes = [], class_names(tasks)
    texts = utterances.astype({name: "category" for name in ("utterance", *WHO) if name != "session"})
    with artifacts.writing_tested(folder, tasks, like=utterances) as tested:
        for run in runs:
            rows = with_truth(predicted(run, tasks, utterances, params.protocol), tasks, texts)
            tested.add_table(rows)
            kept.append(rows[[*SCORED, *classes]].astype(dict.fromkeys((*_NARROW, *classes), np.float32)))
    rows = _joined(kept)
    _write_pairs(folder, rows, tasks)
    return rows


def _joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Concatenate tables; repeated text is in memory only once."""
    together = {}
    for name in tables[0]:
        columns = [table[name] for table in tables]
        if isinstance(columns[0].dtype, pd.CategoricalDtype):
            together[name] = pd.Series(union_categoricals(columns))
        else:
            together[name] = pd.concat(columns, ignore_index=True)
    return pd.DataFrame(together)


def wanted(validated: Path, tasks: Tasks) -> list[str]:
    """Return the columns to read of the accepted utterances; those about raters only where the corpus has them."""
    path = ACCEPTED.path(validated)
    names = (f"{task}_{what}" for task in names_of(tasks) for what in ("ratings", "spread"))
    raters = [name for name in names if ACCEPTED.has(validated, name)]
    return list(dict.fromkeys(("utterance", *WHO, "duration", *columns(path), *raters)))


def predicted(run: Run, tasks: Tasks, utterances: pd.DataFrame, protocol: str) -> pd.DataFrame:
    if run.provenance.tasks != tasks:
        raise AttuneError(
            "has predictions for other tasks, or for the same on another scale",
            where=run.folder,
            remedy="Run `attune train` and `attune predict` again on the accepted utterances.",
        )
    table = read(run)
    parts = partition(utterances, protocol, run.fold)
    expected = {"development": parts.development["utterance"], "test": parts.test["utterance"]}
    check_covers(table, expected, PREDICTIONS.path(run.folder), tasks)
    return table


def with_truth(rows: pd.DataFrame, tasks: Tasks, texts: pd.DataFrame) -> pd.DataFrame:
    """Add each utterance's rating on its own scale, its speaker and so on, its number of raters and their spread.

    Both are those of the task; the spread is on 1 to 5.
    """
    at = pd.Index(texts["utterance"]).get_indexer(pd.Index(rows["utterance"]))
    about = {name: texts[name].iloc[at].array for name in ("utterance", *WHO)}
    number = rows["task"].map(names_of(tasks).index).to_numpy(np.intp)
    inside, raters, spread = (_of_tasks(texts, tasks, ending)[at, number] for ending in ("", "_ratings", "_spread"))
    rating, actual = np.empty(len(rows)), np.empty(len(rows), np.int8)
    for place, task in enumerate(tasks):
        own = number == place
        rating[own], actual[own] = task.own(inside[own]), task.to_class(inside[own])
    return rows.assign(
        **about,
        duration=_numbers(texts, "duration")[at],
        raters=raters,
        spread=spread,
        rating=rating,
        actual=actual,
    )


def _of_tasks(texts: pd.DataFrame, tasks: Tasks, ending: str) -> NDArray[np.float64]:
    return np.column_stack([_numbers(texts, f"{task.name}{ending}") for task in tasks])


def _numbers(texts: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Return a column, NaN if a corpus lacks it, such as that of raters where each utterance has one rating."""
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


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Round to 6 decimals without negative zeros, so that the last bits of a sum do not show in the files."""
    numbers = [name for name in table if table[name].dtype.kind == "f"]
    return table.assign(**(table[numbers].round(DECIMALS) + 0.0))


def _write_pairs(folder: Path, rows: pd.DataFrame, tasks: Tasks) -> None:
    """Write one table of class names per system and task."""
    test, classes = rows[rows["partition"] == "test"], {task.name: task.classes for task in tasks}
    for (system, task), own in test.groupby(["system", "task"]):
        names = own[["actual", "predicted"]].map(classes[str(task)].__getitem__)
        artifacts.write_pairs(folder, str(system), str(task), names)


def _print(params: Params, scores: pd.DataFrame, rows: pd.DataFrame, tasks: Tasks) -> None:
    n = scores.loc[scores["partition"] == "test", "n"].max()
    folds = ", ".join(params.folds) if len(params.folds) <= MOST_FOLDS else f"{len(params.folds)} folds"
    title = f"Test partition: {params.protocol}, {folds}, {n} utterances"
    console = Console()
    console.print(summary(scores, params.evaluate.confidence, title, tasks))
    classes = {task.name: task.classes for task in tasks}
    if several(rows)["speaker"].nunique() > MOST_SPEAKERS:
        console.print(f"More than {MOST_SPEAKERS} speakers: per-speaker scores are left out.")
    lacking = scores.loc[scores["absent"].ne(""), ["partition", "task", "absent"]].drop_duplicates()
    for partition_name, task, absent in lacking.itertuples(index=False):
        names = " or ".join(classes[task][int(number)] for number in absent.split(","))
        console.print(f"{partition_name}: no utterance is {names} in {task}; UAR and macro F1 leave that out.")
