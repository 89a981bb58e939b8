"""`attune paper-table`: train and test every system, fold and seed that `paper_table` names, for one table.

Results are kept under a digest of everything that determines them, so that the same command resumes where it was
interrupted, and trains anew if a parameter changes.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

import attune.model
import attune.training
from attune.artifacts.predictions import Run, read_provenance
from attune.artifacts.utterances import read_accepted, read_tasks
from attune.attention.seeds import summarise
from attune.errors import AttuneError
from attune.evaluation.bootstrap import holm
from attune.evaluation.paper_table import table
from attune.features import packed
from attune.model.others import handcrafted
from attune.params import Params
from attune.report.published import table as shown
from attune.steps import choices, evaluate
from attune.steps import features as features_step
from attune.steps.fitting import auxiliary_labels, labels
from attune.steps.fitting import fold as folds
from attune.steps.published import attended
from attune.steps.published.at_once import at_once
from attune.steps.published.cells import Cell, run_all
from attune.storage import sums
from attune.storage.files import whole_folder
from attune.training.fingerprint import code
from attune.visible import on_a_line


def run(params: Params, *, validated: Path, store: Path, work: Path, out: Path) -> None:
    """Write table.md, index.html and table.json into `out`.

    Args:
        work: where features, models and predictions are kept.

    Raises:
        AttuneError: features cannot be computed, a training run failed, or the run was interrupted (Ctrl-C).
    """
    for system in params.paper_table.systems:
        choices.check(params.train, system, read_tasks(validated))
    tasks = read_tasks(validated)
    more = auxiliary_labels.columns(params.train, validated, tasks)
    for fold in params.folds:
        parts = folds.read(validated, params.protocol, fold, *more)
        labels.check(parts, tasks, fold)
        auxiliary_labels.read(params.train, parts, tasks, fold)
    data = {"validated": validated, "store": store}
    wanted = params.model_copy(update={"systems": list(params.paper_table.systems)})
    features_step.run(wanted, **data, checkpoints=work / "checkpoints", out=work / "features")
    cells = _cells(params, work, data)
    run_all(params, cells, data | {"features": work / "features"}, at_once(params.compute))
    with _renewable(cells):
        records = table(_rows(params, cells, validated), params.evaluate, tasks)
        apart = summarise(attended.divergences(cells, store, out), params.evaluate.confidence, holm)
    about = shown.About(params, tasks, apart)
    with whole_folder(out) as folder:
        (folder / "table.md").write_text(shown.markdown(records, about), encoding="utf-8")
        (folder / "index.html").write_text(shown.page(records, about), encoding="utf-8")
        (folder / "table.json").write_text(shown.record(records, about), encoding="utf-8")
    print(shown.brief(records, about))
    print(f"{on_a_line(out)}: index.html, table.md, table.json")


def _cells(params: Params, work: Path, data: Mapping[str, Path]) -> list[Cell]:
    """Return the cells seed by seed, so that early results include all systems."""
    kept = {name: work / name / _identity(params, name, work, data) for name in params.paper_table.systems}
    return [
        Cell(system, fold, seed, kept[system])
        for seed in params.paper_table.seeds
        for fold in params.folds
        for system in params.paper_table.systems
        if seed == params.paper_table.seeds[0] or system not in handcrafted.SYSTEMS  # which have no randomness
    ]


def _identity(params: Params, system: str, work: Path, data: Mapping[str, Path]) -> str:
    """Return a digest of everything that a cell depends on other than its system, fold and seed."""
    facts = {
        "train": params.train.model_dump(exclude={"seed"}),
        "compute": params.compute.model_dump(),
        "protocol": params.protocol,
        "data": {name: (folder / sums.SUMS).read_text(encoding="utf-8") for name, folder in data.items()},
        "features": packed.read_about(work / "features" / system).identity,
        "code": code(attune.model, attune.training),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


@contextmanager
def _renewable(cells: Sequence[Cell]) -> Iterator[None]:
    """Say what renews kept predictions that cannot be used: no step of the graph does."""
    try:
        yield
    except AttuneError as error:
        path = Path(str(error.where))
        kept = next((cell.predictions for cell in cells if path.is_relative_to(cell.predictions)), None)
        if kept is None:
            raise
        remedy = f"Delete {kept}: the same command trains that run again."
        raise AttuneError(error.what, where=path, remedy=remedy) from None


def _rows(params: Params, cells: Sequence[Cell], validated: Path) -> pd.DataFrame:
    """Return every prediction with the truth.

    Raises:
        AttuneError: predictions are damaged, or those of another run.
    """
    tasks = read_tasks(validated)
    utterances = read_accepted(validated, *evaluate.wanted(validated, tasks))
    tables = []
    for cell in cells:
        found = Run(cell.predictions, read_provenance(cell.predictions))
        if (found.system, found.fold) != (cell.system, cell.fold):
            raise AttuneError(f"has predictions of {found.system} on {found.fold}", where=cell.predictions)
        own = evaluate.predicted(found, tasks, utterances, params.protocol)
        tables.append(evaluate.with_truth(own, tasks, utterances).assign(seed=cell.seed))
    return pd.concat([one.astype({"system": str, "partition": str, "task": str}) for one in tables], ignore_index=True)
