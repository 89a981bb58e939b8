"""Options shared by several pipeline commands, and how they are combined into values."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from attune.errors import AttuneError

if TYPE_CHECKING:
    from attune.params import Params
    from pipelines.data import Data
    from pipelines.package import Package
    from pipelines.server.calls import Server
    from pipelines.server.connection import Wanted
    from pipelines.server.submission import Order
    from pipelines.settings import Settings

Decorated = Callable[..., Any]

WHICH = click.argument("which", type=click.Choice(["training", "scoring"]), default="training")


def options(*decorators: Callable[[Decorated], Decorated]) -> Callable[[Decorated], Decorated]:
    """Combine several click options into one decorator, shown in this order."""

    def decorate(command: Decorated) -> Decorated:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


def _address(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and "://" not in value:
        raise click.BadParameter(f"{value!r} is no address, such as s3://bucket/folder.")
    return value


WHAT = options(
    click.option("--params", "params_source", default="params.yaml", show_default=True, metavar="FILE|JSON"),
    click.option(
        "-S", "set_params", multiple=True, metavar="KEY=VALUE", help="Override a parameter, such as train.epochs=3."
    ),
    click.option(
        "--settings", "settings_file", type=click.Path(path_type=Path), help="File that says where and how it runs."
    ),
    click.option("--set", "set_settings", multiple=True, metavar="KEY=VALUE", help="Override a setting."),
    click.option(
        "--backend",
        type=click.Choice(["2.15", "2.16", "2.17"]),
        help="The server's version. Default: what it reports, or else the settings.",
    ),
    click.option("--no-cache", is_flag=True, help="Run every step, even if nothing changed."),
)
WITH = options(
    click.option("-A", "--argument", "given", multiple=True, metavar="NAME=VALUE", help="A pipeline argument."),
    click.option("--data", metavar="FOLDER|ADDRESS", help="A real corpus. Default: corpus.root."),
    click.option("--data-version", default="", help="Text that changes when the data does. Default: found by the run."),
    click.option("--dvc-rev", metavar="REV", help="Use what DVC tracks at --data in this git revision."),
    click.option("--dvc-repo", metavar="PATH|URL", help="Repository of --dvc-rev. Default: this one."),
)
WHERE = options(
    click.option(
        "--host", metavar="URL", help="Default: KF_PIPELINES_ENDPOINT, the surrounding cluster or the kubeconfig."
    ),
    click.option("--token-file", type=click.Path(path_type=Path), help="Bearer token. Default: KF_PIPELINES_TOKEN."),
    click.option("--cookie-file", type=click.Path(path_type=Path), help="Cookie. Default: KF_PIPELINES_COOKIE."),
    click.option("--kube-context", "context", help="Go through the API server of this kubeconfig context."),
    click.option("--namespace", help="Profile namespace, if Kubeflow has several users."),
    click.option(
        "--ca-certificate", "certificate", type=click.Path(path_type=Path), help="Certificate authorities to trust."
    ),
)
WHERE_NAMES = ("host", "token_file", "cookie_file", "context", "namespace", "certificate")
AS = options(
    click.option("--experiment", default="attune", show_default=True),
    click.option("--service-account", help="Kubernetes service account of the pods."),
    click.option(
        "--pipeline-root", metavar="URI", callback=_address, help="Where artifacts are stored. Default: the server's."
    ),
)


def params_and_settings(given: dict[str, Any]) -> tuple["Params", "Settings"]:
    """Return parameters and settings from the options WHAT."""
    from pipelines import arguments, settings

    params = arguments.changed_params(given["params_source"], arguments.changes(given["set_params"]))
    changes = arguments.changes(given["set_settings"])
    if given["backend"]:
        changes["backend"] = given["backend"]
    if given["no_cache"]:
        changes["cache"] = False
    return params, settings.load(given["settings_file"] or settings.FILE, changes)


def arguments(which: str, params: "Params", given: dict[str, Any], *, resizable: bool) -> dict[str, Any]:
    """Return the pipeline's arguments from the options WITH."""
    from pipelines import arguments as make

    own = make.changes(given["given"])
    data = _data(make.with_sections(params, own), given)
    if which == "scoring":
        return make.for_scoring(own)
    return make.for_training(params, data, own, resizable=resizable)


def _data(params: "Params", given: dict[str, Any]) -> "Data":
    from pipelines.data import Data, tracked

    root = given["data"] or params.corpus.root
    if params.corpus.kind == "synthetic":
        if given["data"] or given["dvc_rev"]:
            raise AttuneError(
                "a synthetic corpus reads no data", where="--data", remedy="For a real one: -S corpus.kind=iemocap."
            )
        return Data(root, "")
    if given["dvc_rev"]:
        return tracked(root, given["dvc_rev"], given["dvc_repo"])
    return Data(root, given["data_version"])


def wanted(given: dict[str, Any]) -> "Wanted":
    """Return the connection settings from the options WHERE."""
    from pipelines.server.connection import Wanted

    return Wanted(**{name: given[name] for name in WHERE_NAMES})


def build(which: str, params: "Params", settings: "Settings") -> Any:
    """Return the pipeline of that name, for kfp."""
    from pipelines import scoring, training

    return scoring.build(settings) if which == "scoring" else training.build(params, settings)


def order(
    which: str, name: str | None, given: dict[str, Any], server: "Server | None" = None
) -> tuple["Package", "Order"]:
    """Return a compiled pipeline with pinned images, and the order for its run; compiled for the server's version."""
    from pipelines import encoders
    from pipelines import settings as setting
    from pipelines.arguments import changes, with_sections
    from pipelines.checks import SIZES
    from pipelines.package import compiled
    from pipelines.server import backend, submission

    params, settings = params_and_settings(given)
    setting.check_pinned(settings)
    if which == "training":
        encoders.check_reachable(with_sections(params, changes(given["given"])), settings)
    if server and not given["backend"] and (said := backend.of(server)):
        settings = settings.model_copy(update={"backend": said})
    values = arguments(which, params, given, resizable=settings.train.resizable)
    if not values.keys() & set(SIZES):  # Kubeflow's cache compares arguments: another size would train all cells again
        settings = setting.not_resizable(settings)
    package = compiled(build(which, params, settings))
    return package, submission.Order(
        name=name or submission.fresh_name(package),
        arguments=values,
        experiment=given["experiment"],
        service_account=given["service_account"],
        pipeline_root=given["pipeline_root"],
    )


def shown(values: Any) -> str:
    """Format values for people."""
    return json.dumps(values, indent=2)
