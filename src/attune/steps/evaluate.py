"""Score all predictions, beside chance, the majority class and the published table."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console

from attune.corpus.folds import columns
from attune.corpus.labels import to_class
from attune.corpus.protocols import partition
from attune.errors import AttuneError
from attune.evaluation.baselines import majority
from attune.evaluation.predictions import FILE, Run, check_covers, find, read, read_table
from attune.evaluation.published import cells
from attune.evaluation.scoring import as_metrics, confusions, score_groups, score_partitions
from attune.evaluation.summary import summary
from attune.files import whole_file, whole_folder
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
    path = validated / "utterances.parquet"
    utterances = read_table(path, tuple(dict.fromkeys(("utterance", *WHO, *columns(path), *TASKS))))
    runs = find(predictions, protocol=params.protocol, systems=params.systems, folds=params.folds)
    rows = pd.concat([_predicted(found, utterances, params.protocol) for found in runs], ignore_index=True)
    rows = _with_truth(rows, utterances)
    scored = pd.concat([rows, _majority(rows, runs)], ignore_index=True)
    scores = _rounded(score_partitions(scored, params.evaluate))
    groups = _rounded(score_groups(scored, params.evaluate))

    with whole_folder(out) as folder:
        scores.to_csv(folder / "scores.csv", index=False)
        groups.to_csv(folder / "groups.csv", index=False)
        pd.DataFrame(cells()).to_csv(folder / "published.csv", index=False)
        rows.to_parquet(folder / "predictions.parquet", index=False)
        _write_json(folder / "confusion.json", confusions(rows))
        _write_confusions(folder / "confusion", rows)
    with whole_file(metrics) as path:
        _write_json(path, as_metrics(params.protocol, scores))
    _print(params, scores)


def _predicted(run: Run, utterances: pd.DataFrame, protocol: str) -> pd.DataFrame:
    table = read(run)
    parts = partition(utterances, protocol, run.fold)
    expected = {"development": parts.development["utterance"], "test": parts.test["utterance"]}
    check_covers(table, expected, where=run.folder / FILE)
    return table


def _with_truth(rows: pd.DataFrame, utterances: pd.DataFrame) -> pd.DataFrame:
    truth = utterances.melt(["utterance", *WHO], list(TASKS), var_name="task", value_name="rating")
    truth["actual"] = to_class(truth["rating"])
    return rows.merge(truth, on=["utterance", "task"], how="left", validate="many_to_one")


def _majority(rows: pd.DataFrame, runs: Sequence[Run]) -> pd.DataFrame:
    system = runs[0].system
    constants = {run.fold: _constants(run) for run in runs if run.system == system}
    return majority(
        rows[rows["system"] == system],
        {fold: classes for fold, (classes, _) in constants.items()},
        {fold: ratings for fold, (_, ratings) in constants.items()},
    )


def _constants(run: Run) -> tuple[dict[Any, int], dict[Any, float]]:
    try:
        classes, ratings = run.provenance["majority_class"], run.provenance["mean_rating"]
        return {task: int(classes[task]) for task in TASKS}, {task: float(ratings[task]) for task in TASKS}
    except (KeyError, TypeError, ValueError) as error:
        raise AttuneError(
            f"does not hold the majority class and mean rating of every task ({error!r})",
            where=run.folder / "provenance.json",
            remedy="Run `attune predict` again.",
        ) from None


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    """To 6 decimals and without negative zeros, so that the last bits of a sum do not show in the files."""
    numbers = ["value", "low", "high"]
    return table.assign(**(table[numbers].round(DECIMALS) + 0.0))


def _write_json(path: Path, values: dict[str, Any]) -> None:
    path.write_text(json.dumps(values, indent=2, sort_keys=False, allow_nan=False) + "\n", encoding="utf-8")


def _write_confusions(folder: Path, rows: pd.DataFrame) -> None:
    """One table of class names per system and task, as `dvc plots` draws confusion matrices from."""
    folder.mkdir()
    test = rows[rows["partition"] == "test"]
    for (system, task), own in test.groupby(["system", "task"]):
        names = own[["actual", "predicted"]].map(CLASSES.__getitem__)
        names.to_csv(folder / f"{system}-{task}.csv", index=False)


def _print(params: Params, scores: pd.DataFrame) -> None:
    n = scores.loc[scores["partition"] == "test", "n"].max()
    title = f"Test partition: {params.protocol}, {', '.join(params.folds)}, {n} utterances"
    console = Console()
    console.print(summary(scores, params.evaluate.confidence, title))
    lacking = scores.loc[scores["absent"].ne(""), ["partition", "task", "absent"]].drop_duplicates()
    for partition_name, task, absent in lacking.itertuples(index=False):
        names = " or ".join(CLASSES[int(number)] for number in absent.split(","))
        console.print(f"{partition_name}: no utterance is {names} in {task}; UAR and macro F1 leave that out.")
