"""Package trained folds as an MLflow model: weights, code, pinned requirements, signature and example."""

import base64
import io
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attune
from attune.artifacts import models
from attune.registry import closure, requirements
from attune.served import ensemble, inputs, schema
from attune.storage import sums

if TYPE_CHECKING:
    import pandas as pd

_PACKAGE = Path(attune.__file__).parent
_SHIPPED = ("attune.served.attune_model", "attune.served.onnx")
"""Modules shipped with a version together with all they import, so that old versions keep their own code."""


@contextmanager
def arguments(folds: Mapping[str, Path]) -> Iterator[dict[str, Any]]:
    """Yield keyword arguments for `mlflow.pyfunc.log_model` or `save_model`, valid inside the `with` block.

    Args:
        folds: by fold, the folder written by `attune train`, all of the same system.

    Raises:
        AttuneError: a folder has no readable model.
    """
    with tempfile.TemporaryDirectory(prefix="attune-") as name:
        folder = Path(name)
        weights = _gather_weights(folds, folder / "folds")
        loaded = ensemble.load(weights)
        request = _answered_example(loaded)
        needed = requirements.needed(loaded.members[0].description.system)
        yield {
            "python_model": str(_PACKAGE / "served/attune_model.py"),
            "artifacts": {"folds": str(weights)},
            "code_paths": [str(_gather_code(folder / "attune"))],
            "pip_requirements": [
                *requirements.pinned(needed),
                f"-c {_write_constraints(folder / 'constraints.txt', needed)}",
            ],
            "signature": schema.signature(loaded.tasks),
            "input_example": (request, {"attention": False, "errors": "raise"}),
        }


def _answered_example(loaded: ensemble.Ensemble) -> "pd.DataFrame":
    """Return the example after scoring it: a model that fails on its own example would fail on everything."""
    request = example(loaded.sample_rate)
    loaded.predict([inputs.waveform(request.iloc[0], loaded.sample_rate)])
    return request


def example(sample_rate: int) -> "pd.DataFrame":
    """Return an example request: a fifth of a second of a falling tone as a base64-encoded WAV file."""
    import numpy as np
    import pandas as pd
    import soundfile

    time = np.arange(sample_rate // 5) / sample_rate
    file = io.BytesIO()
    soundfile.write(file, 0.3 * np.sin(2 * np.pi * (220 - 200 * time) * time), sample_rate, format="WAV")
    return pd.DataFrame({"audio": [base64.b64encode(file.getvalue()).decode()]})


def _gather_weights(folds: Mapping[str, Path], into: Path) -> Path:
    """Copy each fold's files; of folds with identical weights, as in a published model, only the first."""
    first = {models.read_description(folder)["weights_sha256"]: fold for fold, folder in reversed(list(folds.items()))}
    for fold in first.values():
        folder = folds[fold]
        (into / fold).mkdir(parents=True)
        for name in (models.WEIGHTS, models.DESCRIPTION):
            shutil.copyfile(folder / name, into / fold / name)
    sums.enter_tree(into)
    return into


def _gather_code(into: Path) -> Path:
    for source in closure.files(_SHIPPED):
        target = into / source.relative_to(_PACKAGE)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    sums.enter_tree(into)
    return into


def _write_constraints(path: Path, needed: Iterable[str]) -> Path:
    path.write_text("\n".join(requirements.pinned_with_dependencies(needed)) + "\n")
    return path
