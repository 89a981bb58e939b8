"""The champion history: a log kept in MLflow itself, to which any number of people may append at once.

The log of the model `attune` is the registered model `attune.history`: each of its versions is an entry and points to
the version that became champion. MLflow has no compare-and-swap, but it numbers versions: a number is given once,
after all lower ones, and an entry's tags are stored with it atomically. So an entry names the entry it follows,
and counts only if that was the last valid one when it got its number. Of two people who act on the same state, the one
with the lower number wins; the other's entry is void permanently and for everybody. No lock is held, so nobody waits,
and a killed process leaves no lock behind.
Entries deleted or changed in MLflow by hand block nobody: an entry that others follow was valid, whatever is left of
it, and appears in the history as `lost`.
"""

import getpass
import os
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from attune import environment
from attune.errors import AttuneError
from attune.registry.references import HISTORY as LOG
from attune.tags import HISTORY
from attune.tracking import query
from attune.tracking.patience import patiently

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

Action = Literal["promote", "rollback", "lost"]

_ACTIONS: dict[str, Action] = {"promote": "promote", "rollback": "rollback"}


class Entry(NamedTuple):
    """A change of champion: to which version, why and by whom; `after` is the number of the entry it follows (or 0).

    Of a `lost` entry, only the number is known.
    """

    action: Action
    version: str
    after: int
    by: str
    reason: str
    forced: bool = False
    verdict: str = ""
    """Address of the verdict, an artifact of the version's run."""
    number: int = 0
    milliseconds: int = 0
    """When, since 1970, by the clock of the process that writes MLflow's database."""
    id: str = ""
    """Chosen by the process that appends it, so that a request retried by the HTTP client is recognised."""
    run: str = ""
    """Run of the version, which identifies it: version numbers restart after a registered model was deleted."""


def me() -> str:
    """Return who acts: the user known to the tracking server, else the user of this machine."""
    try:
        return os.environ.get(environment.MLFLOW_USER) or getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"user {os.getuid()}"


def read(client: "MlflowClient", name: str) -> list[Entry]:
    """Return the valid entries, oldest first; empty if no version was ever promoted.

    Raises:
        AttuneError: MLflow does not answer.
    """
    return effective([_parse(version) for version in _versions(client, name)])


def effective(entries: Sequence[Entry]) -> list[Entry]:
    """Return the valid entries: each follows the last valid one before it.

    An entry that others follow although it is missing or damaged was valid before somebody tampered with it.
    A lost one that no entry follows counts only if it is the last of all: it may have been void.
    """
    counted: list[Entry] = []
    in_order = sorted(entries, key=lambda entry: entry.number)
    for entry in in_order:
        if entry.action == "lost":
            continue
        if entry.after > last_number(counted):
            counted.append(_lost(entry.after))
        if entry.after == last_number(counted):
            counted.append(entry)
    if in_order and in_order[-1].action == "lost":
        counted.append(in_order[-1])
    return counted


def _lost(number: int, milliseconds: int = 0) -> Entry:
    reason = "deleted, or its tags were changed, in MLflow"
    return Entry("lost", "", 0, "", reason, number=number, milliseconds=milliseconds)


def champions(entries: Sequence[Entry]) -> list[Entry]:
    """Return the promotions that have not been rolled back, the current champion's last.

    A rollback names the version it returned to, which need not be the one just before: it skips what is gone.
    """
    stack: list[Entry] = []
    for entry in entries:
        if entry.action != "rollback":
            stack.append(entry)
            continue
        del stack[-1:]
        while stack and stack[-1].version != entry.version:
            stack.pop()
        if not stack:  # the promotion it returned to is lost
            stack.append(entry)
    return stack


def last_number(entries: Sequence[Entry]) -> int:
    """Return the number of the last entry, which the next one follows; 0 if there is none."""
    return entries[-1].number if entries else 0


def append(client: "MlflowClient", name: str, entry: Entry) -> Entry | None:
    """Append an entry and return it as stored; None if somebody else was quicker, so that it is void.

    Raises:
        AttuneError: MLflow does not answer.
    """
    if last_number(read(client, name)) != entry.after:  # no need to store what would be void
        return None
    own = entry._replace(id=uuid.uuid4().hex)
    _ensure_log(client, name)
    try:
        patiently(lambda: _store(client, name, own))
        return next((counted for counted in read(client, name) if counted.id == own.id), None)
    except AttuneError as error:
        if not error.passes:
            raise
        remedy = "Nothing is known to have changed: `attune history` says who is champion; then run the command again."
        raise AttuneError(error.what, where=error.where, remedy=remedy, passes=True) from error


def log_of(name: str) -> str:
    """Return the name of the registered model with another's history."""
    return f"{name}{LOG}"


def _ensure_log(client: "MlflowClient", name: str) -> None:
    patiently(lambda: _create_log(client, name))


def _create_log(client: "MlflowClient", name: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(log_of(name), description=f"Who was champion of {name} when. Written by attune.")
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _store(client: "MlflowClient", name: str, entry: Entry) -> None:
    """Store number, pointer and tags in one MLflow transaction, unless an attempt whose answer was lost has done so."""
    if any(version.tags.get(f"{HISTORY}id") == entry.id for version in _versions(client, name)):
        return
    tags = {f"{HISTORY}{field}": str(value) for field, value in entry._asdict().items() if value}
    source = client.get_model_version(name, entry.version)
    client.create_model_version(
        log_of(name),
        f"models:/{name}/{entry.version}",
        source.run_id,
        tags=tags | {f"{HISTORY}after": str(entry.after)},
        description=entry.reason,
        model_id=source.model_id,
    )


def _versions(client: "MlflowClient", name: str) -> "list[ModelVersion]":
    found: list[ModelVersion] = []
    token: str | None = None
    while True:
        page = patiently(
            lambda: client.search_model_versions(query.named(log_of(name)), max_results=1000, page_token=token)  # noqa: B023
        )
        found += page
        token = page.token
        if not token:
            return found


def _parse(version: "ModelVersion") -> Entry:
    tags = {key.removeprefix(HISTORY): value for key, value in version.tags.items() if key.startswith(HISTORY)}
    number, milliseconds = int(version.version), int(version.creation_timestamp or 0)
    try:
        entry = Entry(
            action=_ACTIONS[tags["action"]],
            version=str(int(tags["version"])),
            after=int(tags["after"]),
            by=tags["by"],
            reason=tags["reason"],
            forced=tags.get("forced") == "True",
            verdict=tags.get("verdict", ""),
            number=number,
            milliseconds=milliseconds,
            id=tags.get("id", ""),
            run=version.run_id or "",
        )
    except (KeyError, ValueError):
        return _lost(number, milliseconds)
    return entry if 0 <= entry.after < number else _lost(number, milliseconds)
