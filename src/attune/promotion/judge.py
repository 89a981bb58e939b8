"""Judge a version by the policy, record the verdict in MLflow, and make the version the champion."""

import json
import uuid
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from attune.errors import AttuneError
from attune.params import Params
from attune.promotion import champion, compare, cost, history, policy
from attune.promotion.history import Entry
from attune.promotion.policy import Check, Cost
from attune.registry import lineage_file, references, versions
from attune.tags import COST, PROMOTED_BY, PROMOTION, REASON, VERDICT
from attune.tracking.client import answering
from attune.tracking.patience import patiently

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion


Tested = Callable[[str], compare.Subject]
"""Returns a version's test predictions by its number."""


class Verdict(NamedTuple):
    """The version judged, the champion it was compared with (None for the first), and every check."""

    name: str
    version: str
    champion: str | None
    checks: list[Check]
    by: str
    forced: str | None = None
    """The reason to promote it regardless of the checks."""
    cost: Cost | None = None

    @property
    def holds(self) -> bool:
        """Whether all checks of the policy pass."""
        return all(check.holds for check in self.checks)

    @property
    def outcome(self) -> str:
        """`accepted`, `forced` (not accepted, but somebody insisted) or `refused`."""
        return "accepted" if self.holds else "forced" if self.forced else "refused"

    @property
    def reason(self) -> str:
        """The reason for the outcome, on one line."""
        failed = "; ".join(
            f"{check.about}: {check.found}, wanted {check.wanted}" for check in self.checks if not check.holds
        )
        if self.outcome == "forced":
            return f"forced: {self.forced} (against: {failed})"
        return failed or ("meets the policy" if self.champion else "meets the policy; the first champion")

    def as_json(self) -> dict[str, Any]:
        """Return the verdict as written to JSON."""
        return {
            "name": self.name,
            "version": self.version,
            "champion": self.champion,
            "outcome": self.outcome,
            "reason": self.reason,
            "by": self.by,
            "checks": [check._asdict() for check in self.checks],
        }


def promote(
    client: "MlflowClient", params: Params, which: str | None, *, force: str | None = None, dry_run: bool = False
) -> Verdict:
    """Judge a version and make it the champion if it meets the policy or `force` gives a reason.

    If `which` names only a model, or is None, the candidate is judged, or else the newest version. The verdict goes
    into the version's tags and its run's artifacts whatever the outcome; a dry run writes nothing. If somebody else
    changes the champion in the meantime, the version is judged again, against the new one.

    Raises:
        AttuneError: there is no such version, it is the champion already, or a minimum is for what it does not predict.
    """
    name = params.register_.name
    version = references.find(client, which, name, meant=(references.CANDIDATE, references.LATEST))
    name = str(version.name)
    own: list[Check] = []
    found: Cost | None = None
    tested = _reader(client, name)
    while True:
        entries = history.read(client, name)
        if champion.reigning(client, name, entries) == str(version.version):
            where = f"{name} version {version.version}"
            raise AttuneError("is the champion already", where=where, remedy="`attune history` says since when.")
        reigning = champion.standing(client, name, entries)
        if not own:
            found, budgets = _budgets(params, version)
            own = [*_own_checks(client, params, version, tested), *budgets]
        checks = [*own, *_against(params, str(version.version), reigning, tested)]
        verdict = Verdict(name, str(version.version), reigning, checks, history.me(), force, found)
        if dry_run:
            return verdict
        address = _keep(client, version, verdict)
        if verdict.outcome == "refused" or _enthrone(client, verdict, address, history.last_number(entries)):
            _follow(client, version, verdict, address)
            return verdict


def _reader(client: "MlflowClient", name: str) -> Tested:
    """Return a cached reader, so that a version's predictions are fetched once however often it is judged."""
    return cache(lambda number: compare.of_version(client, versions.find(client, number, name)))


def _follow(client: "MlflowClient", version: "ModelVersion", verdict: Verdict, address: str) -> None:
    """Update the alias and the tags to the decision."""
    try:
        champion.settle(client, verdict.name)
        _tag(client, version, verdict, address)
    except AttuneError as error:
        if not error.passes:
            raise
        what = f"version {verdict.version} was {verdict.outcome}, but not all of MLflow's tags say so yet: {error.what}"
        remedy = "Nothing needs to be repeated: `attune history` lets the alias champion follow."
        raise AttuneError(what, where=error.where, remedy=remedy, passes=True) from error


def _enthrone(client: "MlflowClient", verdict: Verdict, address: str, after: int) -> bool:
    forced = verdict.outcome == "forced"
    entry = Entry("promote", verdict.version, after, verdict.by, verdict.reason, forced, address)
    return history.append(client, verdict.name, entry) is not None


def _own_checks(client: "MlflowClient", params: Params, version: "ModelVersion", tested: Tested) -> list[Check]:
    """Return the checks that do not depend on the champion."""
    checks = [*policy.lineage(lineage_file.read(client, version))]
    try:
        candidate = tested(str(version.version))
    except AttuneError as error:
        if error.passes:
            raise
        return [*checks, Check("test predictions", error.what, "those of the version", False)]
    return [*checks, *policy.minimum(candidate, params.promote, params.evaluate)]


def _budgets(params: Params, version: "ModelVersion") -> tuple[Cost | None, list[Check]]:
    try:
        found = cost.measure(version)
    except AttuneError as error:
        if error.passes:
            raise
        return None, [Check("size and latency", error.what, "a model that answers", False)]
    return found, [*policy.budgets(found, params.promote)]


def _against(params: Params, version: str, reigning: str | None, tested: Tested) -> list[Check]:
    if reigning is None or reigning == version:  # the version itself, if the champion after it is gone
        return []
    try:
        champions, candidate = tested(reigning), tested(version)
    except AttuneError as error:
        if error.passes:
            raise
        return [Check("comparison with the champion", str(error).splitlines()[0], "predictions of both", False)]
    return [*policy.against_champion(candidate, champions, params.promote, params.evaluate)]


def _keep(client: "MlflowClient", version: "ModelVersion", verdict: Verdict) -> str:
    """Write the verdict to the version's run; return its address ("" if it has none, or `mlflow gc` removed it)."""
    run_id = version.run_id
    if not run_id or references.look_up(client, version.name, lambda: client.get_run(run_id)) is None:
        return ""
    file = f"promotion/version-{version.version}-{uuid.uuid4().hex[:8]}.json"
    with answering():
        client.log_dict(run_id, verdict.as_json(), file)
    return f"runs:/{run_id}/{file}"


def _tag(client: "MlflowClient", version: "ModelVersion", verdict: Verdict, address: str) -> None:
    said = {PROMOTION: verdict.outcome, REASON: verdict.reason, PROMOTED_BY: verdict.by, VERDICT: address}
    if verdict.cost:
        said[COST] = json.dumps(verdict.cost._asdict())
    for key, value in said.items():
        patiently(lambda: client.set_model_version_tag(version.name, version.version, key, value))  # noqa: B023
