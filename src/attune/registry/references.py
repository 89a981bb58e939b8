"""Resolve how users refer to a model version, with the same grammar for every command.

`3`, `champion`              a version or an alias of the project's model (`register.name` in params.yaml)
`emo`                        the champion of the model `emo`, else its candidate; for promotion, its candidate
`emo/3`, `emo@champion`      a version or an alias of the model `emo`; `emo/latest` is the newest version
`models:/emo/3`, ...         the same in MLflow's notation
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from attune.errors import AttuneError
from attune.registry import identity
from attune.tracking import address, query
from attune.tracking.faults import DENIED, answering, is_missing, recognise

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

_T = TypeVar("_T")
CANDIDATE, CHAMPION, LATEST = "candidate", "champion", "latest"
NAME = "attune"
HISTORY = ".history"
"""Suffix of the registered model that records a model's champion history."""
_MOST_DIGITS = 9  # of a version number that MLflow's databases can store


def find(
    client: "MlflowClient",
    which: str | None = None,
    name: str = NAME,
    meant: Sequence[str] = (CHAMPION, CANDIDATE),
) -> "ModelVersion":
    """Return the version that `which` refers to, of the model `name` if it does not name a model.

    Args:
        which: as users write it; None, or a bare model name, means the first of `meant` that exists.
        name: the project's own model.
        meant: aliases, or `latest`; by default the champion, else the candidate. Promotion takes the candidate.

    Raises:
        AttuneError: there is no such version; the message names the registry and the models in it.
    """
    model, part = asked(client, which, name)
    _check_is_model(client, model)
    wanted = [part] if part or which == "" else meant
    version = next((found for one in wanted if (found := _lookup(client, model, one))), None)
    if version is None:
        raise AttuneError(
            f"no version or alias {part!r} of a model named {model!r} is registered"
            if part
            else f"no model named {model!r} is registered",
            where=address.whole(),
            remedy=f"{_there(client)} Run the graph (`dvc repro`) to register one, or set MLFLOW_TRACKING_URI to "
            "another registry; `attune versions` lists what is registered.",
        )
    return version


def _check_is_model(client: "MlflowClient", model: str) -> None:
    own = model.removesuffix(HISTORY)
    if own != model and is_registered(client, own):
        raise AttuneError(
            f"is the history of the champions of {own!r}, not a model",
            where=f"{address.whole()}, {model}",
            remedy=f"`attune history --model {own}` shows it.",
        )


def asked(client: "MlflowClient", which: str | None, name: str = NAME) -> tuple[str, str]:
    """Return the model referred to and its version or alias ("" for its champion or candidate)."""
    model, part = (None, "") if which is None else _parsed(which)
    if model is None and part and not part.isdigit() and is_registered(client, part):
        return part, ""
    return model or name, part


def _parsed(which: str) -> tuple[str | None, str]:
    """Split a reference into model and version or alias; either may be missing."""
    text = which.removeprefix("models:/")
    for sign in ("@", "/"):
        if sign in text:
            model, _, part = text.rpartition(sign)
            return model or None, part
    return (text, "") if text != which else (None, text)


def is_registered(client: "MlflowClient", name: str) -> bool:
    """Whether there is a registered model of this name."""
    return look_up(client, name, lambda: client.get_registered_model(name)) is not None


def _lookup(client: "MlflowClient", name: str, part: str) -> "ModelVersion | None":
    if part == LATEST:
        return look_up(client, name, lambda: identity.latest(client, name))
    if not part or (part.isdecimal() and len(part) > _MOST_DIGITS):
        return None
    if part.isdecimal():
        return look_up(client, name, lambda: client.get_model_version(name, part))
    return look_up(client, name, lambda: client.get_model_version_by_alias(name, part))


def look_up(client: "MlflowClient", name: str, ask: Callable[[], _T]) -> _T | None:
    """What MLflow answers about the model `name`; None where there is no such thing.

    A server with accounts denies access to a model that it does not have, unless an administrator asks.
    """
    with answering():
        try:
            return ask()
        except Exception as error:  # MLflow's class is imported late; what does not mean missing is raised again
            if is_missing(error):
                return None
            if recognise(error).what == DENIED and not client.search_registered_models(query.named(name)):
                return None
            raise


def _there(client: "MlflowClient") -> str:
    with answering():
        names = sorted(model.name for model in client.search_registered_models(max_results=100))
    own = [name for name in names if not name.endswith(HISTORY)]
    return f"Registered there: {', '.join(own)}." if own else "Nothing is registered there."
