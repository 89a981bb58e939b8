import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from filelock import FileLock
from registry_samples import FOLDS, write_model, write_reports

from attune.params import Params


@pytest.fixture(scope="session")
def params() -> Params:
    return Params.model_validate({"folds": list(FOLDS), "systems": ["mtl-att"]})


@pytest.fixture(scope="session")
def trained(tmp_path_factory) -> Path:
    """A folder as the graph leaves it: models/, reports/metrics.json, reports/evaluation, attention, index.html."""
    root = tmp_path_factory.mktemp("trained")
    for number, fold in enumerate(FOLDS):
        write_model(root / "models/mtl-att" / fold, "mtl-att", fold, seed=number)
    write_reports(root / "reports", root / "models/mtl-att")
    return root


class Database(NamedTuple):
    path: Path
    said: tuple[str, str]


@pytest.fixture(scope="session")
def new_database(tmp_path_factory) -> Database:
    """MLflow's default database as a first command makes it, which takes seconds, and what that printed."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "new-database"
    with FileLock(f"{folder}.lock"):
        if not (folder / "said").exists():
            folder.mkdir(exist_ok=True)
            _make(folder)
    said = json.loads((folder / "said").read_text())
    return Database(folder / "mlflow.db", tuple(said))


def _make(folder: Path) -> None:
    code = "from attune.tracking import client; client.connect()"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    (folder / "said").write_text(json.dumps((done.stdout, done.stderr)))


@pytest.fixture
def here(tmp_path, monkeypatch, new_database) -> Path:
    """A working directory with nothing in it but MLflow's default database, still empty."""
    shutil.copyfile(new_database.path, tmp_path / "mlflow.db")
    monkeypatch.chdir(tmp_path)
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.setenv(name, "")  # so that it is put back even where MLflow sets it
        monkeypatch.delenv(name)
    return tmp_path
