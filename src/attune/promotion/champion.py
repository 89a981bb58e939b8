"""Find and roll back the champion: the history alone decides which version it is, and the alias `champion` follows.

A champion deleted from MLflow is reported, and never silently replaced by one that nobody judged.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attune.errors import AttuneError
from attune.promotion import history
from attune.promotion.history import Entry
from attune.registry import references, versions
from attune.tracking import query
from attune.tracking.patience import patiently

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion


def find(client: "MlflowClient", which: str | None = None, name: str = versions.NAME) -> "ModelVersion":
    """The same as `references.find`, but the champion is the one in the history.

    Raises:
        AttuneError: there is no such version, or the champion is gone.
    """
    model, part = references.asked(client, which, name)
    entries = history.read(client, model) if part in ("", references.CHAMPION) and which != "" else []
    if not entries:
        return references.find(client, which, name)
    reigning = history.champions(entries)[-1]
    if not stands(client, model, reigning):
        raise _gone(client, model, reigning)
    return references.find(client, f"{model}/{reigning.version}")


def _gone(client: "MlflowClient", name: str, reigning: Entry) -> AttuneError:
    if reigning.action == "lost":
        what = f"entry {reigning.number} of the history was {reigning.reason}: the champion is unknown"
    elif _version(client, name, reigning.version):
        what = f"version {reigning.version} is another model than the champion: it was deleted, or the history edited"
    else:
        what = f"the champion, version {reigning.version}, is gone: it was deleted in MLflow"
    remedy = "`attune rollback` returns to the previous champion, `attune promote VERSION` promotes another version; "
    return AttuneError(what, where=f"model {name}", remedy=f"{remedy}--model VERSION selects one for now.")


def stands(client: "MlflowClient", name: str, entry: Entry) -> bool:
    """Whether MLflow still has an entry's version, and not another model under its number."""
    version = _version(client, name, entry.version)
    return version is not None and (not entry.run or version.run_id == entry.run)


def _version(client: "MlflowClient", name: str, number: str) -> "ModelVersion | None":
    return references.look_up(client, name, lambda: client.get_model_version(name, number))


def reigning(client: "MlflowClient", name: str, entries: list[Entry]) -> str | None:
    """Return the champion's version from the history, None if it is gone; without a history, the alias's version."""
    return _right(client, name, entries) if entries else aliased(client, name)


def standing(client: "MlflowClient", name: str, entries: list[Entry]) -> str | None:
    """Return the newest champion that still exists, with which a new one is compared."""
    if not entries:
        return aliased(client, name)
    stack = history.champions(entries)
    return next((entry.version for entry in reversed(stack) if stands(client, name, entry)), None)


def aliased(client: "MlflowClient", name: str) -> str | None:
    """Return the version that the alias `champion` points to, if any."""
    found = patiently(lambda: client.search_registered_models(query.named(name)))
    version = found[0].aliases.get(versions.CHAMPION) if found else None
    return str(version) if version else None


def told(client: "MlflowClient", name: str, aliases: Mapping[str, str]) -> dict[str, str]:
    """Return the versions of a model's aliases, with `champion` taken from the history wherever its alias points."""
    own = {str(alias): str(version) for alias, version in aliases.items()}
    if entries := history.read(client, name):
        own.pop(versions.CHAMPION, None)
        if right := _right(client, name, entries):
            own[versions.CHAMPION] = right
    return own


def _right(client: "MlflowClient", name: str, entries: list[Entry]) -> str | None:
    """Return the version that the alias must point to according to the history; None if the champion is gone."""
    last = history.champions(entries)[-1]
    return last.version if stands(client, name, last) else None


def settle(client: "MlflowClient", name: str) -> bool:
    """Update the alias from the history; return whether it was moved. A champion that is gone has no alias.

    After writing the alias, the history is read again and the alias rewritten if the history changed meanwhile. So the
    last writer agrees with the history; if it was killed before that, the next command corrects the alias.
    """
    found, moved = aliased(client, name), False
    entries = history.read(client, name)
    while entries:
        right = _right(client, name, entries)
        if found != right:
            _point(client, name, right)
            moved = True
        since = history.read(client, name)
        if history.last_number(since) == history.last_number(entries):
            return moved
        entries, found = since, aliased(client, name)
    return False


def _point(client: "MlflowClient", name: str, version: str | None) -> None:
    if version is None:
        patiently(lambda: client.delete_registered_model_alias(name, versions.CHAMPION))
    else:
        patiently(lambda: client.set_registered_model_alias(name, versions.CHAMPION, version))


def rollback(client: "MlflowClient", name: str, reason: str) -> Entry:
    """Make the previous champion that still exists the champion again, and return the history entry.

    Raises:
        AttuneError: there is no previous champion, or somebody else changed the champion in the meantime: the
            promotion may be undone already.
    """
    settle(client, name)
    entries = history.read(client, name)
    before = history.champions(entries)[-2::-1]
    previous = next((entry.version for entry in before if stands(client, name, entry)), None)
    if previous is None:
        gone = ", ".join(entry.version or "one whose entry is lost" for entry in before)
        raise AttuneError(
            f"{name} has no previous champion to return to{f' (gone from MLflow: {gone})' if gone else ''}",
            remedy="`attune history` shows who was champion; `attune promote VERSION` makes another version champion.",
        )
    entry = Entry("rollback", previous, history.last_number(entries), history.me(), reason)
    written = history.append(client, name, entry)
    if written is None:
        now = history.champions(history.read(client, name))[-1]
        raise AttuneError(
            f"{now.by} changed the champion of {name} at the same moment: it is version {now.version} now",
            remedy="Nothing was rolled back. See `attune history`; run `attune rollback` again if you still want to.",
        )
    settle(client, name)
    return written
