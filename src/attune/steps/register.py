"""Track what the graph did in MLflow and register the chosen system: runs, scores, page, model, lineage."""

import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from attune import environment, lineage
from attune import tags as names
from attune.artifacts.attention import read_findings
from attune.artifacts.evaluation import GROUPS, TESTED, read_sources
from attune.artifacts.metrics import Metrics
from attune.artifacts.metrics import read as read_metrics
from attune.artifacts.models import find
from attune.artifacts.registered import Registered
from attune.artifacts.registered import write as write_registered
from attune.card import gather, markdown
from attune.corpus.origin import of_settings
from attune.params import Params
from attune.registry import description, identity, lineage_file, versions
from attune.tracking import address, execution, origin, run_tree, runs, sender
from attune.tracking import client as mlflow_client

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

READS = (
    "corpus",
    "protocol",
    "folds",
    "systems",
    "validate",
    "preprocess",
    "compute",
    "train",
    "evaluate",
    "attention",
    "report",
    "register",
)


def run(
    params: Params,
    *,
    models: tuple[Path, ...],
    metrics: Path,
    evaluation: Path,
    attention: Path,
    report: Path,
    out: Path,
) -> None:
    """Record one execution of the graph and register `register.system` as a new version, alias `candidate`.

    Where the registry has this very model already, nothing is registered: it is asked each time, for what is in a
    registry cannot be told from files. Neither is an experiment of DVC's where `register.experiments` says `track`.

    Args:
        params: all of them, for they are the version's lineage.
        models: folders written by `attune train`, or folders above several.
        metrics, evaluation: written by `attune evaluate`.
        attention: written by `attune attention`.
        report: the page written by `attune report`.
        out: where name, version, run and tracking server are written, last of all.

    Raises:
        AttuneError: a model or a score is missing, or MLflow does not answer.
    """
    scores = read_metrics(metrics, evaluation)
    scores.require(params.protocol, params.systems)
    folders = find(models, read_sources(evaluation, params.systems, params.folds))
    facts = lineage.tags(params, scores, Path())
    folds = {fold: folders[params.register_.system, fold] for fold in params.folds}
    model = identity.digest(folds, scores.partitions(params.register_.system))
    client = mlflow_client.connect()
    for wrong in sender.sync()[1]:
        Console(stderr=True).print(f"[yellow]not tracked[/] {escape(wrong)}", soft_wrap=True, highlight=False)
    with mlflow_client.answering():
        version = known = identity.find(client, params.register_.name, model)
    if known is None or execution.is_open():
        with mlflow_client.answering(), run_tree.parent(client, params) as run_id:
            _track(client, run_id, params, folders, scores)
            client.log_text(run_id, _card(params, scores, evaluation, attention), "card.md")
            where = _log_artifacts(client, run_id, facts, page=report, evaluation=evaluation, attention=attention)
            about = _describe(params, facts, scores)
            client.set_tag(run_id, origin.NOTE, about)
            if known is None and _is_to_be_registered(params):
                own = lineage_file.short(facts, run_id) | where | {names.MODEL: model}
                version = versions.register(client, run_id, params.register_.name, folds, own, about)
                _score_model(client, run_id, version, params, scores)
    if known:
        versions.point_candidate(client, known)
    number, run_of_it = (str(version.version), str(version.run_id)) if version else (None, run_id)
    made = Registered(params.register_.name, number, run_of_it, address.shown(), model)
    write_registered(out, made)
    _tell(made, params, is_new=known is None)


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
    return description.text(params, scores, lineage.git_state(Path()), data)


def _track(
    client: "MlflowClient", run_id: str, params: Params, folders: dict[tuple[str, str], Path], metrics: Metrics
) -> None:
    runs.log_params(client, run_id, params.model_dump(mode="json", by_alias=True))
    runs.log_inputs(client, run_id, lineage.data_md5(Path()))
    sections = params.model_dump(mode="json", by_alias=True, include={"protocol", "compute", "train"})
    for (system, fold), folder in folders.items():
        of_fold = metrics.partitions(system).get(f"test@{fold}", {})
        run_tree.complete_training(
            client, run_id, system=system, fold=fold, folder=folder, parameters=sections, scores=of_fold
        )
    for system in metrics.systems:
        pooled = list(runs.flat_scores(metrics.partitions(system).get("test", {}), f"{system}/test"))
        runs.log_metrics(client, run_id, pooled)


def _log_artifacts(
    client: "MlflowClient", run_id: str, facts: dict[str, str], *, page: Path, evaluation: Path, attention: Path
) -> dict[str, str]:
    """Log page, tables, figures and lineage under the parent run; return the tags that say where they are."""
    client.log_artifact(run_id, str(page), "report")
    client.log_artifacts(run_id, str(evaluation), "evaluation")
    client.log_artifacts(run_id, str(attention), "attention")
    client.log_dict(run_id, facts, f"{lineage_file.FOLDER}/{lineage_file.NAME}")
    client.log_text(run_id, _as_yaml(json.loads(facts[names.PARAMS])), "lineage/params.yaml")
    if Path(lineage.LOCK).exists():
        client.log_artifact(run_id, lineage.LOCK, "lineage")
    return {
        names.REPORT: f"runs:/{run_id}/report/{page.name}",
        names.PREDICTIONS: f"runs:/{run_id}/evaluation/{TESTED.file}",
    }


def _card(params: Params, metrics: Metrics, evaluation: Path, attention: Path) -> str:
    facts = gather(
        params,
        system=params.register_.system,
        origin=of_settings(params.corpus),
        metrics=metrics,
        groups=GROUPS.read(evaluation),
        findings=read_findings(attention),
    )
    return markdown(facts, title=params.register_.name)


def _as_yaml(values: dict[str, Any]) -> str:
    from ruamel.yaml import YAML

    text = io.StringIO()
    YAML().dump(values, text)
    return text.getvalue()


def _tell(registered: Registered, params: Params, *, is_new: bool) -> None:
    console = Console()
    label = f"[bold]{registered.name}[/] version [bold]{registered.version}[/]"
    if registered.version is None:
        console.print(f"Tracked, not registered: register.experiments is {params.register_.experiments}")
    elif is_new:
        folds = f"the mean of {len(params.folds)} folds"
        console.print(f"Registered {label} (alias candidate): {params.register_.system}, {folds}")
    else:
        console.print(f"{label} is this very model already: nothing to register")
    console.print(f"MLflow: {registered.tracking_uri}, run {registered.run_id}", style="dim", soft_wrap=True)
