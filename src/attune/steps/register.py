"""Track the execution of the graph in MLflow and register the chosen system: runs, scores, page, model, lineage."""

from pathlib import Path

from rich.markup import escape

from attune.artifacts import sources
from attune.artifacts.door import reading
from attune.artifacts.metrics import read as read_metrics
from attune.artifacts.models import find
from attune.artifacts.registered import Registered
from attune.artifacts.registered import write as write_registered
from attune.errors import AttuneError
from attune.numbers import networks
from attune.params import Params
from attune.registry import glance, identity
from attune.registry.references import CANDIDATE
from attune.terminal import Console
from attune.tracking import address
from attune.tracking.sending import execution, spool

_LONGEST = 600.0
"""Seconds to wait for another registration from this folder."""

READS = (
    "corpus",
    "protocol",
    "folds",
    "systems",
    "validate",
    "preprocess",
    "ssl",
    "compute",
    "train",
    "evaluate",
    "attention",
    "report",
    "register",
)


def run(
    params: Params,
    *,
    models: tuple[Path, ...],
    metrics: Path,
    evaluation: Path,
    attention: Path,
    report: Path,
    out: Path,
) -> None:
    """Record one execution of the graph and register `register.system` as a new version, alias `candidate`.

    If the registry already has this very model, nothing is registered; it is asked each time, since files cannot show
    what is in a registry. DVC experiments are not registered either if `register.experiments` is `track`.

    Args:
        params: all of them, since they are part of the version's lineage.
        models: folders written by `attune train`, or folders above several.
        metrics, evaluation: written by `attune evaluate`.
        attention: written by `attune attention`.
        report: the page written by `attune report`.
        out: file for name, version, run and tracking server, written last.

    Raises:
        AttuneError: a model or a score is missing, or MLflow does not answer.
    """
    scores = read_metrics(metrics, evaluation)
    with reading(metrics, "evaluate"):
        scores.require(params.protocol, params.systems)
    folders = find(models, sources.read(evaluation, params.systems, params.folds))
    own = {fold: folders[params.register_.system, fold] for fold in params.folds}
    model = identity.digest(own, scores.partitions(params.register_.system))
    with spool.locked(spool.folder(), "register", wait=_LONGEST) as mine:  # else both add the runs that lack
        if not mine:
            what, remedy = "another process registers from this folder", "Run the same command again when it has ended."
            raise AttuneError(what, where=spool.folder(), remedy=remedy)
        if seen := _seen(params.register_.name, model):
            _finish(out, params, model, seen.version, seen.run_id, is_new=False)
        else:
            from attune.steps.gathering import recording

            results = recording.Results(folders, scores, evaluation, attention, report)
            recorded = recording.record(params, results, model)
            _finish(out, params, model, recorded.version, recorded.run_id, is_new=recorded.is_new)


def _seen(name: str, model: str) -> glance.Seen | None:
    """Return the version in the registry if there is nothing to send, nothing to register and no alias to move."""
    if execution.is_open() or spool.pending(spool.folder()):
        return None
    seen = glance.look(name, model)
    return seen if seen and int(seen.aliases.get(CANDIDATE, 0)) >= int(seen.version) else None


def _finish(out: Path, params: Params, model: str, version: str | None, run_id: str, *, is_new: bool) -> None:
    made = Registered(params.register_.name, version, run_id, address.shown(), model)
    write_registered(out, made)
    _tell(made, params, is_new=is_new)


def _tell(registered: Registered, params: Params, *, is_new: bool) -> None:
    console = Console()
    label = f"[bold]{escape(registered.name)}[/] version [bold]{registered.version}[/]"
    if registered.version is None:
        console.print(f"Tracked, not registered: register.experiments is {params.register_.experiments}")
    elif is_new:
        made_of = networks(len(params.folds))
        console.print(f"Registered {label} (alias candidate): {params.register_.system}, {made_of}")
    else:
        console.print(f"{label} is already this model: nothing to register")
    place = f"MLflow: {registered.tracking_uri}, run {registered.run_id}"
    console.print(escape(place), style="dim", soft_wrap=True)
