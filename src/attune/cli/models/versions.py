"""`attune versions`: the registered versions, newest first."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from attune import tags
from attune.errors import AttuneError
from attune.promotion import champion
from attune.registry import lineage_file
from attune.registry.references import HISTORY
from attune.terminal import Console
from attune.tracking import address, query
from attune.tracking.client import connect_to_read
from attune.tracking.faults import answering

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion


def run(name: str, as_json: bool) -> None:
    """Print the versions of a model, with aliases, test UAR, and what they were made from."""
    client = connect_to_read()
    rows = [_row(client, version) for version in _all(client, name)]
    if not rows:
        with answering():
            others = sorted(model.name for model in client.search_registered_models(max_results=100))
        there = ", ".join(other for other in others if not other.endswith(HISTORY))
        raise AttuneError(
            f"no model named {name!r} is registered",
            where=address.whole(),
            remedy=f"Registered there: {there or 'nothing'}. Another model: `attune versions --model NAME`.",
        )
    if as_json:
        print(json.dumps(rows, indent=2))
    else:
        console = Console()
        console.print(f"{name} in {address.whole()}; test UAR in %", soft_wrap=True, markup=False, highlight=False)
        console.print(_table(rows))


def _all(client: "MlflowClient", name: str) -> "list[ModelVersion]":
    with answering():
        models = client.search_registered_models(query.named(name))
        found = list(client.search_model_versions(query.named(name), max_results=1000))
    aliases = champion.told(client, name, models[0].aliases) if models else {}
    for version in found:
        version.aliases = [alias for alias, number in aliases.items() if number == str(version.version)]
    return sorted(found, key=lambda version: -int(version.version))


def _row(client: "MlflowClient", version: "ModelVersion") -> dict[str, Any]:
    facts = lineage_file.read(client, version)
    return {
        "version": f"{version.name}/{version.version}",
        "aliases": sorted(version.aliases),
        "registered": datetime.fromtimestamp(int(version.creation_timestamp) / 1000, UTC).isoformat(" ", "minutes"),
        "system": facts.get(tags.SYSTEM),
        "protocol": facts.get(tags.PROTOCOL),
        "uar": _uar(facts.get(tags.SCORES, "")),
        "commit": facts.get(tags.GIT_COMMIT),
        "run": version.run_id,
    }


def _uar(scores: str) -> dict[str, float]:
    try:
        test = json.loads(scores)["test"]
        return {task: float(scores["uar"]["value"]) for task, scores in test.items()}
    except (ValueError, KeyError, TypeError):
        return {}


def _table(rows: list[dict[str, Any]]) -> Table:
    """Return a table of at most 80 columns: all scores share one, headed by the tasks if all versions have the same."""
    kinds = {tuple(row["uar"]) for row in rows if row["uar"]}
    (names,) = kinds if len(kinds) == 1 else [()]
    table = Table(box=None, pad_edge=False)
    for column in ("version", "alias", "registered", "system", escape(", ".join(names)) or "UAR", "commit"):
        table.add_column(column, overflow="fold")
    for row in rows:
        scores = "  ".join(f"{'' if names else f'{task} '}{100 * uar:.1f}" for task, uar in row["uar"].items())
        about = (row["version"].rpartition("/")[2], ", ".join(row["aliases"]), row["registered"][:10])
        table.add_row(*about, *map(escape, (row["system"] or "", scores, (row["commit"] or "")[:7])))
    return table
