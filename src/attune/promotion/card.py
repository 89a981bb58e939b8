"""The model card of a registered version, from its tags and its run's artifacts."""

import json
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from attune.artifacts.attention import ANALYSIS, read_findings
from attune.card import Facts, markdown
from attune.corpus.origin import of_settings
from attune.errors import AttuneError
from attune.evaluation.scores import names
from attune.evaluation.scoring import IN_METRICS, score_groups
from attune.findings import Finding
from attune.params import Params
from attune.promotion import champion, compare, cost
from attune.registry import lineage_file, run_files, versions
from attune.storage.sums import SUMS
from attune.tags import GIT_CLEAN, GIT_COMMIT, LINEAGE, PARAMS, PROMOTED_BY, PROMOTION, PROTOCOL, REASON, SCORES, SYSTEM
from attune.tasks import Task, Tasks

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

_NEEDED = (PARAMS, PROTOCOL, SYSTEM, SCORES)


def card(client: "MlflowClient", version: "ModelVersion") -> str:
    """Return the card in Markdown, ending with a newline.

    Raises:
        AttuneError: the version has no lineage, or its predictions are missing.
    """
    tags, label = lineage_file.read(client, version), f"{version.name} version {version.version}"
    _check_lineage(tags, label)
    params = _params(tags, label)
    tested = compare.of_version(client, version)
    facts = Facts(
        system=tags[SYSTEM],
        protocol=tags[PROTOCOL],
        folds=params.folds,
        origin=of_settings(params.corpus),
        confidence=params.evaluate.confidence,
        scores=_pooled(tags, tested.tasks, label),
        groups=score_groups(tested.rows, params.evaluate, tested.tasks),
        findings=_findings(client, version),
        commit=tags.get(GIT_COMMIT),
        clean=tags.get(GIT_CLEAN) == "true",
        tasks=tested.tasks,
    )
    named = champion.told(client, version.name, dict.fromkeys(version.aliases, version.version))
    aliases = [alias for alias in (versions.CHAMPION, versions.CANDIDATE) if named.get(alias) == str(version.version)]
    return markdown(facts, title=label + (f" ({', '.join(aliases)})" if aliases else ""), promotion=_promotion(version))


def _check_lineage(tags: Mapping[str, str], label: str) -> None:
    missing = [name for name in _NEEDED if name not in tags]
    if missing and LINEAGE in tags:
        raise AttuneError(
            f"its lineage, {tags[LINEAGE]}, is gone or damaged: there is nothing to write a card from",
            where=label,
            remedy="Restore the artifacts of its run, or delete the version in MLflow and register the model again.",
        )
    if missing:
        raise AttuneError(
            f"has no tag {missing[0]}: there is nothing to write a card from",
            where=label,
            remedy="It was not registered by `attune register`; register it again.",
        )


def _params(tags: Mapping[str, str], label: str) -> Params:
    """Return the version's parameters; one of an older attune may have other keys."""
    try:
        return Params.model_validate_json(tags[PARAMS])
    except ValueError as error:
        raise AttuneError(
            f"its parameters are not those of this attune ({next(iter(str(error).splitlines()))})",
            where=f"{label}, tag {PARAMS}",
            remedy="Write its card with the attune of its commit: `attune lineage` says which.",
        ) from None


def _pooled(tags: Mapping[str, str], tasks: Tasks, label: str) -> dict[str, dict[str, dict[str, float]]]:
    try:
        pooled: dict[str, dict[str, dict[str, float]]] = json.loads(tags[SCORES])["test"]
        return {task.name: {score: pooled[task.name][score] for score in _shown(task)} for task in tasks}
    except (ValueError, KeyError, TypeError) as error:
        raise AttuneError(
            f"does not contain every score of every task ({error!r})",
            where=f"{label}, tag {SCORES}",
            remedy="The tag was edited: delete the version in MLflow and register the model again.",
        ) from None


def _shown(task: Task) -> list[str]:
    return [score for score in IN_METRICS if score in names(task)]


def _findings(client: "MlflowClient", version: "ModelVersion") -> list[Finding]:
    """Return the findings of the attention analysis; none if not logged, damaged, or from an older attune."""
    if not version.run_id:
        return []
    with tempfile.TemporaryDirectory() as into:
        found = run_files.fetch_all(client, version.run_id, "attention", [SUMS, ANALYSIS], Path(into))
        with suppress(AttuneError):
            return read_findings(found[0].parent) if found else []
    return []


def _promotion(version: "ModelVersion") -> str:
    tags = version.tags
    if not tags.get(PROMOTION):
        return ""
    by, reason = tags.get(PROMOTED_BY, "somebody"), tags.get(REASON, "no reason is recorded")
    verdict = f"Last verdict: **{tags[PROMOTION]}**, by {by}: {reason}."
    measured = cost.recorded(version)
    if measured is None:
        return verdict
    size, latency = f"{measured.megabytes:.1f} MB", f"{measured.latency:.3f} s"
    return f"{verdict} Measured then: {size}; {latency} of processor time per second of audio."
