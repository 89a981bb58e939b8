"""The model card of a registered version, from what its tags and its run's artifacts say. Nothing is made up."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from attune.errors import AttuneError
from attune.evaluation.scoring import GROUPINGS, IN_METRICS, score_groups
from attune.params import TASKS, Evaluate, Params
from attune.registry import compare, versions
from attune.registry.client import answering

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

_TEMPLATE = Path(__file__).with_name("card.md.j2")
_NEEDED = ("attune.params", "attune.protocol", "attune.system", "attune.scores")
Row = dict[str, Any]


def card(client: "MlflowClient", version: "ModelVersion") -> str:
    """The card in Markdown; ends with a newline.

    Raises:
        AttuneError: the version does not say what it was made from, or its predictions are missing.
    """
    import jinja2

    label = f"{version.name} version {version.version}"
    _check_lineage(version.tags, label)
    params = _params(version.tags, label)
    system = version.tags["attune.system"]
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"spread": _spread}
    text = environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        version=version,
        tags=version.tags,
        aliases=[alias for alias in (versions.CHAMPION, versions.CANDIDATE) if alias in version.aliases],
        params=params,
        tasks=TASKS,
        score_names=IN_METRICS,
        scores=_pooled(version.tags, label),
        groups=_groups(compare.of_version(client, version).rows, params.evaluate),
        findings=_findings(client, version, system),
    )
    return text.rstrip() + "\n"


def _check_lineage(tags: Mapping[str, str], label: str) -> None:
    missing = [name for name in _NEEDED if name not in tags]
    if missing:
        raise AttuneError(
            f"has no tag {missing[0]}: there is nothing to write a card from",
            where=label,
            remedy="It was not registered by `attune register`; register it again.",
        )


def _params(tags: Mapping[str, str], label: str) -> Params:
    """Those of the version; a version of an older attune may know other keys."""
    try:
        return Params.model_validate_json(tags["attune.params"])
    except ValueError as error:
        raise AttuneError(
            f"its parameters are not those of this attune ({next(iter(str(error).splitlines()))})",
            where=f"{label}, tag attune.params",
            remedy="Write its card with the attune of its commit: `attune lineage` says which.",
        ) from None


def _pooled(tags: Mapping[str, str], label: str) -> dict[str, dict[str, dict[str, float]]]:
    try:
        pooled: dict[str, dict[str, dict[str, float]]] = json.loads(tags["attune.scores"])["test"]
        return {task: {score: pooled[task][score] for score in IN_METRICS} for task in TASKS}
    except (ValueError, KeyError, TypeError) as error:
        raise AttuneError(
            f"does not hold every score of every task ({error!r})", where=f"{label}, tag attune.scores"
        ) from None


def _groups(rows: pd.DataFrame, settings: Evaluate) -> list[Row]:
    """UAR with its interval per task, one row per gender, scenario and speaker."""
    table = score_groups(rows, settings)
    uar = table[table["score"] == "uar"]
    found: list[Row] = []
    for grouping in GROUPINGS:
        for group, own in uar[uar["grouping"] == grouping].groupby("group"):
            by_task = own.set_index("task")
            cells = {task: by_task.loc[task].to_dict() for task in TASKS}
            found.append({"grouping": grouping, "group": group, "n": int(own["n"].iloc[0]), "tasks": cells})
    return found


def _findings(client: "MlflowClient", version: "ModelVersion", system: str) -> list[str]:
    """What the analysis of attention found about this system; nothing where it was not logged."""
    from mlflow.exceptions import MlflowException

    if not version.run_id:
        return []
    with answering():
        present = {file.path for file in client.list_artifacts(version.run_id, "attention")}
    if "attention/attention.json" not in present:
        return []
    sentences: list[str] = []
    with suppress(MlflowException, OSError, ValueError):  # a damaged file has nothing to tell
        file = Path(client.download_artifacts(version.run_id, "attention/attention.json"))
        sentences = json.loads(file.read_text(encoding="utf-8")).get("findings", [])
    return [sentence for sentence in sentences if sentence.startswith((f"{system},", f"{system} ", "The corpus"))]


def _spread(score: Mapping[str, float], name: str) -> str:
    """A score with its interval: UAR in percent, the others as they are."""
    factor, digits = (100, 1) if name == "uar" else (1, 2)
    value, low, high = (f"{factor * score[part]:z.{digits}f}" for part in ("value", "low", "high"))
    return f"{value} ({low} to {high})"
