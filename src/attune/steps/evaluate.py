"""Score all predictions, beside chance, the majority class and the published table."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from rich.console import Console

from attune.artifacts import evaluation as artifacts
from attune.artifacts.metrics import write as write_metrics
from attune.artifacts.predictions import PREDICTIONS, Run, check_covers, find, read
from attune.artifacts.utterances import ACCEPTED
from attune.corpus.folds import columns
from attune.corpus.labels import to_class
from attune.corpus.protocols import partition
from attune.evaluation.baselines import majority
from attune.evaluation.headline import headline
from attune.evaluation.published import cells
from attune.evaluation.scoring import as_metrics, confusions, score_groups, score_partitions
from attune.evaluation.summary import summary
from attune.files import whole_folder
from attune.params import TASKS, Params
from attune.signal import CLASSES

READS = ("protocol", "folds", "systems", "evaluate")

WHO = ("dialog", "session", "speaker", "gender", "scenario")
DECIMALS = 6


def run(params: Params, *, validated: Path, predictions: Sequence[Path], metrics: Path, out: Path) -> None:
    """Write `metrics` (a JSON file) and the tables of `out`.

    Raises:
        AttuneError: predictions that are missing, doubled, of another protocol, or not of the protocol's utterances.
    """
    wanted = dict.fromkeys(("utterance", *WHO, *columns(ACCEPTED.path(validated)), *TASKS))
    utterances = ACCEPTED.read(validated, *wanted)
    runs = find(predictions, protocol=params.protocol, systems=params.systems, folds=params.folds)
    rows = pd.concat([_predicted(found, utterances, params.protocol) for found in runs], ignore_index=True)
    rows = _with_truth(rows, utterances)
    scored = pd.concat([rows, _majority(rows, runs)], ignore_index=True)
    scores = _rounded(score_partitions(scored, params.evaluate))
    groups = _rounded(score_groups(scored, params.evaluate))

    with whole_folder(out) as folder:
        artifacts.SCORES.write(folder, scores)
        artifacts.GROUPS.write(folder, groups)
        artifacts.PUBLISHED.write(folder, pd.DataFrame(cells()))
        artifacts.TESTED.write(folder, rows)
        artifacts.write_confusions(folder, confusions(rows))
        artifacts.write_headline(folder, headline(scores, list(params.systems)))
        artifacts.write_sources(folder, runs)
        _write_pairs(folder, rows)
        write_metrics(metrics, folder, as_metrics(params.protocol, scores))
    _print(params, scores)


def _predicted(run: Run, utterances: pd.DataFrame, protocol: str) -> pd.DataFrame:
    table = read(run)
    parts = partition(utterances, protocol, run.fold)
    expected = {"development": parts.development["utterance"], "test": parts.test["utterance"]}
    check_covers(table, expected, where=PREDICTIONS.path(run.folder))
    return table


def _with_truth(rows: pd.DataFrame, utterances: pd.DataFrame) -> pd.DataFrame:
    truth = utterances.melt(["utterance", *WHO], list(TASKS), var_name="task", value_name="rating")
    truth["actual"] = to_class(truth["rating"])
    return rows.merge(truth, on=["utterance", "task"], how="left", validate="many_to_one")


def _majority(rows: pd.DataFrame, runs: Sequence[Run]) -> pd.DataFrame:
    system = runs[0].system
    own = {run.fold: run.provenance for run in runs if run.system == system}
    return majority(
        rows[rows["system"] == system],
        {fold: dict(provenance.majority_class) for fold, provenance in own.items()},
        {fold: dict(provenance.mean_rating) for fold, provenance in own.items()},
    )


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    """To 6 decimals and without negative zeros, so that the last bits of a sum do not show in the files."""
    numbers = ["value", "low", "high"]
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
