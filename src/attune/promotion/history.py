"""Who was champion when: a log that any number of people may append to at once, kept in MLflow itself.

The log of the model `attune` is the registered model `attune.history`: each of its versions is an entry and points at
the version that became champion. MLflow has no compare-and-swap, but it numbers versions: a number is given once,
after all lower ones, and an entry's tags are stored with it or not at all. So an entry names the entry it follows,
and counts only if that was the last one that counted when it got its number. Of two people who act on the same state
the one with the lower number has done so; the other's entry is void for ever and for everybody. No lock is held, so
nobody has to be waited for and nobody's death leaves one behind.

What somebody deleted or changed in MLflow by hand stops nobody: an entry that others follow has counted, whatever is
left of it, and stands in the history as `lost`.
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

    Of a `lost` one nothing else is known than its number.
    """

    action: Action
    version: str
    after: int
    by: str
    reason: str
    forced: bool = False
    verdict: str = ""
    """Where the verdict lies: an artifact of the version's run."""
    number: int = 0
    milliseconds: int = 0
    """When, since 1970, by the clock of whoever runs MLflow's database."""
    id: str = ""
    """Given by whoever appends it: a request that is sent again, as HTTP clients do by themselves, repeats it."""
    run: str = ""
    """Of the version, by which it is known again: numbers begin anew where a registered model was deleted."""


def me() -> str:
    """Who acts: the user known to the tracking server, else the user of this machine."""
    try:
        return os.environ.get(environment.MLFLOW_USER) or getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"user {os.getuid()}"


def read(client: "MlflowClient", name: str) -> list[Entry]:
    """The entries that count, oldest first; none where nobody was ever promoted.

    Raises:
        AttuneError: MLflow does not answer.
    """
    return effective([_parse(version) for version in _versions(client, name)])


def effective(entries: Sequence[Entry]) -> list[Entry]:
    """Those of the entries that count: each follows the last that counted before it.

    One that is followed although it is missing or says something else has counted before somebody meddled with it.
    A lost one that nobody follows counts only as the last of all: it may have been void.
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
    """Promotions that have not been rolled back, the reigning champion's last.

    A rollback names the version it returned to, which need not be the one just before: it steps over what is gone.
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
    """Number of the last entry, 0 where there is none: what the next one follows."""
    return entries[-1].number if entries else 0


def append(client: "MlflowClient", name: str, entry: Entry) -> Entry | None:
    """Append an entry and return it as it was stored; None where somebody else was quicker, and so it does not count.

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
    """The registered model that holds the history of another."""
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
    """One transaction in MLflow: number, pointer and tags; nothing where a try whose answer was lost has done it."""
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
