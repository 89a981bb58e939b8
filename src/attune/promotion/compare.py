"""Compare two versions or runs on the same test utterances: paired differences with intervals, Holm-corrected."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from attune.artifacts.evaluation import TESTED, read_tested_tasks
from attune.errors import AttuneError
from attune.evaluation.bootstrap import Array, Difference, clusters, draw, holm, paired_difference
from attune.evaluation.scores import SCORES, names, summands
from attune.params import Evaluate
from attune.promotion import champion
from attune.registry import run_files
from attune.storage.sums import SUMS
from attune.tags import PREDICTIONS, SYSTEM
from attune.tasks import PAPER, Task, Tasks, names_of
from attune.tracking import address
from attune.tracking.faults import answering, is_missing

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

COMPARED = ("uar", "ccc", "mae")
WHO = ("speaker", "dialog", "gender", "scenario")
_COLUMNS = ("system", "partition", "utterance", "task", "predicted", "score", "actual", "rating", *WHO)
_AGAIN = "Restore the artifacts of its run, or delete the version in MLflow and register the model again."
_RUN_ID = 32  # hexadecimal digits


class Subject(NamedTuple):
    """Test predictions of a version or run: one row per utterance and task of the pooled test partition."""

    label: str
    rows: pd.DataFrame
    tasks: Tasks = PAPER


def subject(client: "MlflowClient", which: str, name: str) -> Subject:
    """Return the test predictions of a version (number, alias, models:/...) or a run (its id).

    Raises:
        AttuneError: no such version or run, or its predictions are missing or invalid.
    """
    if len(which) == _RUN_ID and set(which) <= set("0123456789abcdef"):
        return _of_run(client, which)
    return of_version(client, champion.find(client, which, name))


def of_version(client: "MlflowClient", version: "ModelVersion") -> Subject:
    """Return the test predictions that a version's tags point to.

    Raises:
        AttuneError: there is no such tag, or the predictions are missing or invalid.
    """
    label = f"{version.name} version {version.version}"
    try:
        predictions, system = version.tags[PREDICTIONS], version.tags[SYSTEM]
    except KeyError as error:
        raise AttuneError(
            f"has no tag {error.args[0]}: what it predicted is not known",
            where=label,
            remedy="It was not registered by `attune register`; register it again.",
        ) from None
    return _read(client, predictions, system, label)


def _of_run(client: "MlflowClient", run_id: str) -> Subject:
    with answering():
        try:
            run = client.get_run(run_id)
        except Exception as error:  # MLflow's class is imported late; what does not mean missing is raised again
            if not is_missing(error):
                raise
            remedy = "Copy the id from the run's page, or name a version: `attune versions` lists them."
            raise AttuneError(f"there is no run {run_id}", where=address.whole(), remedy=remedy) from None
    label, system = f"run {run_id[:8]}", run.data.params.get("register.system")
    if system is None:
        raise AttuneError(
            "is not a run of the whole graph", where=label, remedy="Name the parent run, or a registered version."
        )
    return _read(client, f"runs:/{run_id}/evaluation/predictions.parquet", system, label)


def _read(client: "MlflowClient", predictions: str, system: str, label: str) -> Subject:
    run_id, _, path = predictions.removeprefix("runs:/").partition("/")
    where = f"{label}: {predictions}"
    with tempfile.TemporaryDirectory(prefix="attune-") as into:
        folder = _download(client, run_id, path, label, Path(into))
        try:
            table, tasks = TESTED.read(folder, *_COLUMNS), read_tested_tasks(folder)
        except AttuneError as error:  # which names a temporary file and a step that did not write it
            raise AttuneError(error.what, where=where, remedy=_AGAIN) from None
    rows = table[(table["system"] == system) & (table["partition"] == "test")]
    lacking = sorted(set(names_of(tasks)) - set(rows["task"]))
    if lacking:
        raise AttuneError(f"has no test predictions of {system} for {lacking[0]}", where=where, remedy=_AGAIN)
    rated = rows["task"].isin([task.name for task in tasks if task.rated])
    if rows[["predicted", "actual"]].isna().any(axis=None) or rows.loc[rated, ["score", "rating"]].isna().any(
        axis=None
    ):
        raise AttuneError(f"has test predictions of {system} that are not numbers", where=where, remedy=_AGAIN)
    if rows.duplicated(["utterance", "task"]).any():
        raise AttuneError(f"has test predictions of {system} twice", where=where, remedy=_AGAIN)
    return Subject(label, rows.sort_values(["utterance", "task"], ignore_index=True), tasks)


def _download(client: "MlflowClient", run_id: str, path: str, label: str, into: Path) -> Path:
    """Download the table and its digest below `into`; return their folder."""
    folder, _, name = path.rpartition("/")
    if found := run_files.fetch_all(client, run_id, folder, [name, SUMS], into):
        return found[0].parent
    raise AttuneError(
        f"its predictions are missing ({path} of run {run_id})",
        where=label,
        remedy=_AGAIN,
    )


def check_same(a: Subject, b: Subject) -> None:
    """Refuse to compare predictions that are not for exactly the same utterances with the same labels.

    Raises:
        AttuneError: the tasks differ, or utterances are in only one of the two or differ in ratings or labels.
    """
    if a.tasks != b.tasks:
        raise AttuneError(
            f"not for the same tasks: {', '.join(names_of(a.tasks))} against {', '.join(names_of(b.tasks))}"
            + (", on other scales or with other classes" if names_of(a.tasks) == names_of(b.tasks) else ""),
            where=f"{a.label} and {b.label}",
            remedy="Compare models of the same tasks.",
        )
    mine, theirs = (set(zip(one.rows["utterance"], one.rows["task"], strict=True)) for one in (a, b))
    if mine != theirs:
        only = f"{len(mine - theirs)} only in {a.label}, {len(theirs - mine)} only in {b.label}"
        raise AttuneError(
            f"not tested on the same utterances: of {len(mine | theirs)} test predictions {only}, such as "
            f"{min(mine ^ theirs)[0]}",
            where=f"{a.label} and {b.label}",
            remedy="Run both on the same data and protocol.",
        )
    labels = ["actual", "rating", *WHO]
    differing = a.rows[(a.rows[labels] != b.rows[labels]).any(axis=1)]
    if len(differing):
        raise AttuneError(
            f"the labels of {differing['utterance'].nunique()} utterances differ, such as "
            f"{differing['utterance'].iloc[0]}",
            where=f"{a.label} and {b.label}",
            remedy="Run both on the same version of the data.",
        )


def compare(a: Subject, b: Subject, settings: Evaluate) -> pd.DataFrame:
    """Return every score of every task, a minus b: `task, score, a, b, difference, low, high, p, holm, n`.

    Holm's correction is over the tasks, separately for each score.

    Raises:
        AttuneError: they were not tested on the same utterances.
    """
    check_same(a, b)
    table = differences(a.rows, b.rows, settings, COMPARED, a.tasks)
    table["holm"] = table.groupby("score")["p"].transform(lambda p: holm(p.tolist()))
    return table


def differences(
    a: pd.DataFrame, b: pd.DataFrame, settings: Evaluate, scores: Sequence[str], tasks: Tasks = PAPER
) -> pd.DataFrame:
    """The same as `compare` without correction, for rows of the same utterances in the same order."""
    records = []
    for task in tasks:
        mine, theirs = (rows[rows["task"] == task.name] for rows in (a, b))
        draws = draw(mine["speaker"], mine["dialog"], resamples=settings.resamples, seed=settings.seed)
        x, y = _summands(mine, task), _summands(theirs, task)
        independent = clusters(mine["speaker"], mine["dialog"])
        for name in (name for name in scores if name in names(task)):
            score = SCORES[name]
            found = paired_difference(x, y, score, draws, settings.confidence, independent=independent)
            values = {"a": float(score(x.sum(axis=0))), "b": float(score(y.sum(axis=0))), "difference": found.value}
            records.append({"task": task.name, "score": name, **values, **_spread(found), "n": len(mine)})
    return pd.DataFrame(records)


def _summands(rows: pd.DataFrame, task: Task) -> Array:
    return summands(rows["actual"], rows["predicted"], rows["rating"], rows["score"], len(task.classes))


def _spread(found: Difference) -> dict[str, float]:
    return {"low": found.low, "high": found.high, "p": found.p}
