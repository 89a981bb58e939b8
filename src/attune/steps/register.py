"""Track what the graph did in MLflow and register the chosen system: runs, scores, page, model, lineage."""

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from attune import lineage
from attune.artifacts.attention import read_findings
from attune.artifacts.evaluation import GROUPS, TESTED, read_sources
from attune.artifacts.metrics import Metrics
from attune.artifacts.metrics import read as read_metrics
from attune.artifacts.models import find
from attune.artifacts.registered import Registered
from attune.artifacts.registered import write as write_registered
from attune.card import gather, markdown
from attune.params import Params
from attune.registry import versions
from attune.tracking import address, run_tree, runs, sender
from attune.tracking import client as mlflow_client

if TYPE_CHECKING:
    from mlflow import MlflowClient

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
    tags = lineage.tags(params, scores, Path())
    client = mlflow_client.connect()
    for wrong in sender.sync()[1]:
        Console(stderr=True).print(f"[yellow]not tracked[/] {escape(wrong)}", soft_wrap=True, highlight=False)
    with mlflow_client.answering(), run_tree.parent(client, params) as run_id:
        _track(client, run_id, params, folders, scores)
        client.log_text(run_id, _card(params, scores, evaluation, attention), "card.md")
        tags |= _log_artifacts(client, run_id, tags, page=report, evaluation=evaluation, attention=attention)
        folds = {fold: folders[params.register_.system, fold] for fold in params.folds}
        version = versions.register(client, run_id, params.register_.name, folds, tags)
    made = Registered(version.name, str(version.version), run_id, address.shown())
    write_registered(out, made)
    _tell(made, params)


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
    client: "MlflowClient", run_id: str, tags: dict[str, str], *, page: Path, evaluation: Path, attention: Path
) -> dict[str, str]:
    """Log page, tables, figures and lineage under the parent run; return the tags that say where they are."""
    client.log_artifact(run_id, str(page), "report")
    client.log_artifacts(run_id, str(evaluation), "evaluation")
    client.log_artifacts(run_id, str(attention), "attention")
    client.log_dict(run_id, tags, "lineage/lineage.json")
    client.log_text(run_id, _as_yaml(json.loads(tags["attune.params"])), "lineage/params.yaml")
    if Path(lineage.LOCK).exists():
        client.log_artifact(run_id, lineage.LOCK, "lineage")
    return {
        "attune.report": f"runs:/{run_id}/report/{page.name}",
        "attune.predictions": f"runs:/{run_id}/evaluation/{TESTED.file}",
    }


def _card(params: Params, metrics: Metrics, evaluation: Path, attention: Path) -> str:
    facts = gather(
        params,
        system=params.register_.system,
        synthetic=params.corpus.kind == "synthetic",
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


def _tell(registered: Registered, params: Params) -> None:
    console = Console()
    console.print(
        f"Registered [bold]{registered.name}[/] version [bold]{registered.version}[/] "
        f"(alias candidate): {params.register_.system}, the mean of {len(params.folds)} folds"
    )
    console.print(f"MLflow: {registered.tracking_uri}, run {registered.run_id}", style="dim", soft_wrap=True)
