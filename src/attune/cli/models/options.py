"""Options that select a model, with one grammar for all commands; the default is the project's own model."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

_FORMS = "3, champion, NAME, NAME/3, NAME@ALIAS or models:/NAME/3"
_PARAMS_FILE = "params.yaml"

PARAMS = click.option(
    "--params",
    "params_source",
    default=_PARAMS_FILE,
    show_default=True,
    metavar="FILE|JSON",
    help="Parameters; register.name is the default model.",
)
MODEL = click.option(
    "--model", metavar="MODEL", help=f"{_FORMS}. Default: the champion of register.name, or else its candidate."
)
NAME = click.option("--model", "name", metavar="NAME", help="A registered model. Default: register.name.")


def takes_model(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the argument MODEL, which can also be passed as --model."""

    @click.argument("model", required=False)
    @click.option("--model", "said_as_option", metavar="MODEL", help=f"Same as MODEL: {_FORMS}.")
    @wraps(function)
    def command(*arguments: Any, model: str | None, said_as_option: str | None, **others: Any) -> None:
        if model and said_as_option:
            raise click.UsageError(f"two models are given, {model} and {said_as_option}; name one")
        function(*arguments, model=model or said_as_option, **others)

    return command


def own_name(params_source: str) -> str:
    """Return the project's model; attune's default if there is no params.yaml, as on a machine that only scores."""
    from attune import params
    from attune.registry.references import NAME as DEFAULT

    if params_source == _PARAMS_FILE and not Path(_PARAMS_FILE).exists():
        return DEFAULT
    return params.load(params_source).register_.name


def version_of(params_source: str, model: str | None) -> "ModelVersion":
    """Return the selected version, found without MLflow if the registry is the project's own."""
    from attune.promotion import champion
    from attune.registry import at_hand

    name = own_name(params_source)
    return champion.find(at_hand.connect(), model, name)


def find(params_source: str, model: str | None) -> "tuple[MlflowClient, ModelVersion]":
    """Return the selected version and the client that found it; no database is created."""
    from attune.promotion import champion
    from attune.tracking import client as mlflow_client

    name = own_name(params_source)
    client = mlflow_client.connect_to_read()
    return client, champion.find(client, model, name)
