"""Check the arguments of a run before it starts: otherwise a pod would, for the last step after all training."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from attune.corpus.tabular.described import described
from attune.errors import AttuneError
from attune.evaluation import minimum
from attune.features.of_systems import OF_SYSTEM
from attune.params import Params
from pipelines.settings import Quantity

MOST_CELLS = 180
"""Per training pipeline run: Argo stores about 4.6 kB per cell in an object of at most 1 MiB, full at about 200."""

SIZES = ("train_cpu", "train_memory", "train_gpus")
"""Arguments of a training pipeline that was compiled with `train.resizable`."""

TEXTS = ("root", "data_version", *SIZES)


def training(arguments: Mapping[str, Any], params: Params) -> None:
    """Check the arguments of a training run.

    Args:
        params: with the sections that are among the arguments.

    Raises:
        AttuneError: cells lack a system or fold, a gate or size is invalid, or an argument that must be text is not.
    """
    count(arguments["cells"])
    _check_cells(arguments["cells"], params)
    _check_featured(arguments["featured"], params)
    _check_gate(arguments["gate"], params)
    text(arguments, TEXTS)
    for name in ("train_cpu", "train_memory"):
        _check_size(name, arguments.get(name, "1"))
    if not (gpus := arguments.get("train_gpus", "1")).isdecimal():
        raise AttuneError(f"{gpus!r} is not a number of GPUs", where="train_gpus")


def text(arguments: Mapping[str, Any], names: tuple[str, ...]) -> None:
    """Check that these arguments are text, as Kubeflow expects.

    Raises:
        AttuneError: one is not.
    """
    for name in names:
        if not isinstance(arguments.get(name, ""), str):
            raise AttuneError(f"{arguments[name]!r} is not text", where=name)


def count(cells: Any) -> None:
    """Check that the cells fit into one run.

    Raises:
        AttuneError: they do not, or are not a list.
    """
    if not isinstance(cells, list):
        raise AttuneError(
            f"{cells!r} is not a list",
            where="cells",
            remedy='Such as -A cells=\'[{"system": "mtl", "fold": "session1"}]\'.',
        )
    if len(cells) > MOST_CELLS:
        raise AttuneError(
            f"{len(cells)} cells are too many: at most {MOST_CELLS} fit into one run",
            where="systems and folds",
            remedy="Argo keeps a run in one object of at most 1 MiB. Submit the systems in several runs.",
        )


def _check_cells(cells: list[Any], params: Params) -> None:
    remedy = "Leave cells out: they are every system with every fold."
    for cell in cells:
        if not isinstance(cell, dict) or set(cell) != {"system", "fold"}:
            raise AttuneError(f"{cell!r} is not a system and a fold", where="cells", remedy=remedy)
    there = {(str(cell["system"]), str(cell["fold"])) for cell in cells}
    missing = [f"{system} {fold}" for system in params.systems for fold in params.folds if (system, fold) not in there]
    if missing:
        raise AttuneError(f"there is none of {', '.join(missing)}", where="cells", remedy=remedy)


def _check_featured(featured: Any, params: Params) -> None:
    missing = set(params.systems) & set(OF_SYSTEM) - set(featured if isinstance(featured, list) else ())
    if missing:
        raise AttuneError(
            f"lacks {', '.join(sorted(missing))}",
            where="featured",
            remedy="Leave it out: it is the systems that take features.",
        )


def _check_gate(gate: Any, params: Params) -> None:
    if not isinstance(gate, dict):
        raise AttuneError(
            f"{gate!r} is not a mapping of tasks", where="gate", remedy="Such as -A gate='{arousal: {uar: 0.45}}'."
        )
    try:
        minimum.check(gate, [task.name for task in described(params.corpus)], lambda *_: 0.0)
    except AttuneError as error:
        raise AttuneError(error.what, where="gate", remedy=error.remedy) from None


def _check_size(name: str, value: str) -> None:
    try:
        TypeAdapter(Quantity).validate_python(value)
    except ValidationError:
        raise AttuneError(
            f"{value!r} is no amount", where=name, remedy="As Kubernetes writes them: 500m, 4, 16Gi."
        ) from None
