"""Track what the graph did in MLflow and register the chosen system: runs, scores, page, model, lineage."""

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from attune import lineage
from attune.card import gather, markdown
from attune.errors import AttuneError
from attune.files import whole_file
from attune.findings import from_json
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
    folders = _find(params, models)
    scores = _read_json(metrics)
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
    uri = address.shown()
    registered = {"name": version.name, "version": str(version.version), "run_id": run_id, "tracking_uri": uri}
    with whole_file(out) as file:
        file.write_text(json.dumps(registered, indent=2) + "\n", encoding="utf-8")
    _tell(registered, params)


def _track(
    client: "MlflowClient", run_id: str, params: Params, folders: dict[tuple[str, str], Path], metrics: dict[str, Any]
) -> None:
    runs.log_params(client, run_id, params.model_dump(mode="json", by_alias=True))
    runs.log_inputs(client, run_id, lineage.data_md5(Path()))
    sections = params.model_dump(mode="json", by_alias=True, include={"protocol", "compute", "train"})
    for (system, fold), folder in folders.items():
        of_fold = lineage.scores(metrics, params.protocol, system).get(f"test@{fold}", {})
        run_tree.complete_training(
            client, run_id, system=system, fold=fold, folder=folder, parameters=sections, scores=of_fold
        )
    for system, partitions in metrics.get(params.protocol, {}).items():
        pooled = list(runs.flat_scores(partitions.get("test", {}), f"{system}/test"))
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
        "attune.predictions": f"runs:/{run_id}/evaluation/predictions.parquet",
    }


def _card(params: Params, metrics: dict[str, Any], evaluation: Path, attention: Path) -> str:
    import pandas as pd

    groups = evaluation / "groups.csv"
    facts = gather(
        params,
        system=params.register_.system,
        synthetic=params.corpus.kind == "synthetic",
        metrics=metrics,
        groups=pd.read_csv(groups) if groups.exists() else None,
        findings=from_json(_read_json(attention / "attention.json").get("findings", [])),
    )
    return markdown(facts, title=params.register_.name)


def _as_yaml(values: dict[str, Any]) -> str:
    from ruamel.yaml import YAML

    text = io.StringIO()
    YAML().dump(values, text)
    return text.getvalue()


def _find(params: Params, models: tuple[Path, ...]) -> dict[tuple[str, str], Path]:
    """The folder of every system and fold of this run, by what its model.json says."""
    found = {}
    for path in sorted(file for folder in models for file in folder.rglob("model.json")):
        about = _read_json(path)
        found[about.get("system"), about.get("fold")] = path.parent
    wanted = [(system, fold) for system in params.systems for fold in params.folds]
    missing = [cell for cell in wanted if cell not in found]
    if missing:
        system, fold = missing[0]
        raise AttuneError(
            f"no model of {system} for fold {fold}",
            where=", ".join(map(str, models)),
            remedy=f"Run `attune train --system {system} --fold {fold} ...`, or the whole graph.",
        )
    return {cell: found[cell] for cell in wanted}


def _read_json(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise AttuneError(
            f"cannot be read as JSON ({error})", where=path, remedy="Run the step that writes it again."
        ) from None


def _tell(registered: dict[str, str], params: Params) -> None:
    console = Console()
    console.print(
        f"Registered [bold]{registered['name']}[/] version [bold]{registered['version']}[/] "
        f"(alias candidate): {params.register_.system}, the mean of {len(params.folds)} folds"
    )
    console.print(f"MLflow: {registered['tracking_uri']}, run {registered['run_id']}", style="dim", soft_wrap=True)
