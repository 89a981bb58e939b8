"""The alias `champion` follows the history, which alone is the truth; going back to the one before."""

from typing import TYPE_CHECKING

from attune.errors import AttuneError
from attune.promotion import history
from attune.promotion.history import Entry
from attune.registry import versions
from attune.tracking.patience import patiently

if TYPE_CHECKING:
    from mlflow import MlflowClient


def reigning(client: "MlflowClient", name: str, entries: list[Entry]) -> str | None:
    """The champion's version by the history; without a history, what somebody pointed the alias at by hand."""
    if stack := history.champions(entries):
        return stack[-1].version
    return aliased(client, name)


def aliased(client: "MlflowClient", name: str) -> str | None:
    """The version that the alias `champion` points at, if any."""
    found = patiently(lambda: client.search_registered_models(f"name='{name}'"))
    version = found[0].aliases.get(versions.CHAMPION) if found else None
    return str(version) if version else None


def settle(client: "MlflowClient", name: str) -> bool:
    """Let the alias follow the history; whether it had to be moved.

    Whoever writes the alias reads the history again afterwards, and writes again where it went on in between. So the
    last writer has written what the history says; and if it died before it could, the next command does.
    """
    found, moved = aliased(client, name), False
    entries = history.read(client, name)
    while stack := history.champions(entries):
        right = stack[-1].version
        if found != right:
            patiently(lambda: client.set_registered_model_alias(name, versions.CHAMPION, right))  # noqa: B023
            moved = True
        since = history.read(client, name)
        if history.last_number(since) == history.last_number(entries):
            return moved
        entries, found = since, aliased(client, name)
    return False


def rollback(client: "MlflowClient", name: str, reason: str) -> Entry:
    """Make the previous champion the champion again, once, and return the entry that says so.

    Raises:
        AttuneError: there is no previous champion, its version is gone, or somebody else changed the champion in the
            meantime: what this was meant to undo may be undone already.
    """
    settle(client, name)
    entries = history.read(client, name)
    stack = history.champions(entries)
    if len(stack) < 2:
        raise AttuneError(
            f"{name} has no previous champion to return to",
            remedy="`attune history` tells who was champion; `attune promote VERSION` makes another version it.",
        )
    previous = versions.find(client, stack[-2].version, name)
    entry = Entry("rollback", str(previous.version), history.last_number(entries), history.me(), reason)
    written = history.append(client, name, entry)
    if written is None:
        now = history.champions(history.read(client, name))[-1]
        raise AttuneError(
            f"{now.by} changed the champion of {name} at the same moment: it is version {now.version} now",
            remedy="Nothing was rolled back. See `attune history`; run `attune rollback` again if you still want to.",
        )
    settle(client, name)
    return written
