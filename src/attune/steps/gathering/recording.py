"""What the step `register` logs to MLflow: runs, scores, page, card, model, lineage."""

import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.markup import escape

from attune import environment, lineage
from attune import tags as names
from attune.artifacts.attention import read_findings
from attune.artifacts.evaluation import GROUPS, TESTED
from attune.artifacts.metrics import Metrics
from attune.artifacts.models import read_description
from attune.card import gather, markdown
from attune.corpus.origin import of_settings
from attune.params import Params
from attune.registry import description, identity, lineage_file, versions
from attune.tasks import parse
from attune.terminal import Console
from attune.tracking import client as mlflow_client
from attune.tracking import origin, run_tree, runs
from attune.tracking.sending import execution, sender

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

Folders = dict[tuple[str, str], Path]
"""By system and fold, the folder written by `attune train`."""


class Results(NamedTuple):
    """The results of the graph: trained folders, scores, and the folders and files that present them."""

    folders: Folders
    scores: Metrics
    evaluation: Path
    attention: Path
    page: Path


class Recorded(NamedTuple):
    """The version (None if the model was only tracked), the run behind it, and whether it was registered just now."""

    version: str | None
    run_id: str
    is_new: bool


def record(params: Params, results: Results, model: str) -> Recorded:
    """Track this execution, and register the model if the registry lacks it.

    Args:
        params: all of them, since they are part of the version's lineage.
        results: the results of the graph.
        model: the digest of the model to register.

    Raises:
        AttuneError: `dvc.lock` or a result is damaged, or MLflow does not answer.
    """
    facts = lineage.tags(params, results.scores, Path())
    client = mlflow_client.connect()
    for wrong in sender.sync()[1]:
        Console(stderr=True).print(f"[yellow]not tracked[/] {escape(wrong)}", soft_wrap=True, highlight=False)
    with mlflow_client.answering():
        version = known = identity.find(client, params.register_.name, model)
    if known is None or execution.is_open():
        with mlflow_client.answering(), run_tree.parent(client, params) as run_id:
            _track(client, run_id, params, results)
            client.log_text(run_id, _card(params, facts, results), "card.md")
            where = _log_artifacts(client, run_id, facts, results)
            about = _describe(params, facts, results.scores)
            client.set_tag(run_id, origin.NOTE, about)
            if known is None and _is_to_be_registered(params):
                folds = {fold: results.folders[params.register_.system, fold] for fold in params.folds}
                own = lineage_file.short(facts, run_id) | where | {names.MODEL: model} | _encoder(folds)
                version = versions.register(client, run_id, params.register_.name, folds, own, about)
                _score_model(client, run_id, version, params, results.scores)
            _log_pooled(client, run_id, results.scores)
    if known:
        versions.point_candidate(client, known)
    number, run_of_it = (str(version.version), str(version.run_id)) if version else (None, run_id)
    return Recorded(number, run_of_it, is_new=known is None)


def _encoder(folds: dict[str, Path]) -> dict[str, str]:
    """Return the tag that names a version's encoder, if any."""
    digests = {read_description(folder)["architecture"].get("encoder_sha256") for folder in folds.values()}
    return {names.ENCODER: ", ".join(sorted(found))} if (found := digests - {None}) else {}


def _score_model(
    client: "MlflowClient", run_id: str, version: "ModelVersion", params: Params, metrics: Metrics
) -> None:
    pooled = metrics.partitions(params.register_.system).get("test", {})
    data = [(path, md5) for path, md5 in lineage.data_md5(Path()).items() if path in ("data/store", "corpus")]
    model = str(version.source).removeprefix("models:/")
    runs.log_scores_of_model(client, run_id, model, pooled, next(iter(data), None))


def _is_to_be_registered(params: Params) -> bool:
    return params.register_.experiments == "register" or not os.environ.get(environment.DVC_EXPERIMENT)


def _describe(params: Params, facts: dict[str, str], metrics: Metrics) -> str:
    data = json.loads(facts.get(names.DVC, "{}"))
    scores = metrics.partitions(params.register_.system)
    return description.text(params, scores, lineage.git_of(facts), data)


def _track(client: "MlflowClient", run_id: str, params: Params, results: Results) -> None:
    runs.log_params(client, run_id, params.model_dump(mode="json", by_alias=True))
    runs.log_inputs(client, run_id, lineage.data_md5(Path()))
    sections = params.model_dump(mode="json", by_alias=True, include={"protocol", "compute", "train"})
    for (system, fold), folder in results.folders.items():
        of_fold = results.scores.partitions(system).get(f"test@{fold}", {})
        run_tree.complete_training(
            client, run_id, system=system, fold=fold, folder=folder, parameters=sections, scores=of_fold
        )


def _log_pooled(client: "MlflowClient", run_id: str, metrics: Metrics) -> None:
    """Log every system's scores to the run; after the model, since MLflow gives a model its run's metrics so far."""
    for system in metrics.systems:
        pooled = list(runs.flat_scores(metrics.partitions(system).get("test", {}), f"{system}/test"))
        runs.log_metrics(client, run_id, pooled)


def _log_artifacts(client: "MlflowClient", run_id: str, facts: dict[str, str], results: Results) -> dict[str, str]:
    """Log page, tables, figures and lineage under the parent run; return the tags that point to them."""
    client.log_artifact(run_id, str(results.page), "report")
    client.log_artifacts(run_id, str(results.evaluation), "evaluation")
    client.log_artifacts(run_id, str(results.attention), "attention")
    client.log_dict(run_id, facts, f"{lineage_file.FOLDER}/{lineage_file.NAME}")
    client.log_text(run_id, _as_yaml(json.loads(facts[names.PARAMS])), "lineage/params.yaml")
    if Path(lineage.LOCK).exists():
        client.log_artifact(run_id, lineage.LOCK, "lineage")
    return {
        names.REPORT: f"runs:/{run_id}/report/{results.page.name}",
        names.PREDICTIONS: f"runs:/{run_id}/evaluation/{TESTED.file}",
    }


def _card(params: Params, facts: dict[str, str], results: Results) -> str:
    folder = results.folders[params.register_.system, params.folds[0]]
    gathered = gather(
        params,
        tasks=parse(read_description(folder)["tasks"]),
        system=params.register_.system,
        origin=of_settings(params.corpus),
        metrics=results.scores,
        groups=GROUPS.read(results.evaluation),
        findings=read_findings(results.attention),
        git=lineage.git_of(facts),
    )
    return markdown(gathered, title=params.register_.name)


def _as_yaml(values: dict[str, Any]) -> str:
    from ruamel.yaml import YAML

    text = io.StringIO()
    YAML().dump(values, text)
    return text.getvalue()
