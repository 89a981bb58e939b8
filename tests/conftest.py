"""What many tests share: one small run of the whole graph, made once a session by the real command line."""

import gc
import inspect
import json
import os
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings
from small import SMALL

import attune

pytest_plugins = ["mlflow_fixtures", "small_project"]

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as for a job in the background; what tests start inherits it
    signal.signal(signal.SIGINT, signal.default_int_handler)

os.environ["ATTUNE_TRACKING"] = "off"  # trainings in tests begin no senders, and no database where tests are run

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")  # on a busy machine any example may take a second

OUR_CODE = {str(Path(place).parent) for place in attune.__path__}

_module_of = inspect.getmodule


_no_module: dict[str, int] = {}


def _module_of_a_file(thing: object, filename: str | None = None) -> ModuleType | None:
    """Search all modules once, not at every frame, for a file that is no module's: kfp asks thousands of times."""
    if filename is not None and _no_module.get(filename) == len(sys.modules):
        return None
    found = _module_of(thing, filename)
    if found is None and filename is not None:
        _no_module[filename] = len(sys.modules)
    return found


inspect.getmodule = _module_of_a_file


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever needs the small run is slow, whichever test makes it; the longest files begin first and end together."""
    for item in items:
        if "small_run" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
    weights: dict[Path, int] = defaultdict(int)
    for item in items:
        weights[item.path] = max(weights[item.path], _weight(item))
    items.sort(key=lambda item: -weights[item.path])


def pytest_collection_finish() -> None:
    """What was imported and collected is kept to the end: looking for garbage in it again and again takes a tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _weight(item: pytest.Item) -> int:
    return next((weight for weight, mark in ((2, "containers"), (1, "slow")) if item.get_closest_marker(mark)), 0)


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left_to_the_next_module() -> Iterator[None]:
    """MLflow sets variables, and puts the code of a model that it loads first on the path; both are put back."""
    before = _of_mlflow()
    yield
    assert [thread.name for thread in threading.enumerate() if "serve_forever" in thread.name] == []
    sys.path[:] = [place for place in sys.path if place in OUR_CODE or not Path(place, "attune/__init__.py").exists()]
    for name in _of_mlflow():
        del os.environ[name]
    os.environ.update(before)


def _of_mlflow() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("MLFLOW_")}


@pytest.fixture(scope="session")
def small_params() -> dict[str, Any]:
    """What the small run was made with, as params.yaml would hold it."""
    return SMALL


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data/, models/, predictions/ and reports/ as `dvc repro` lays them out; read only, please."""
    shared = tmp_path_factory.getbasetemp().parent if _is_worker() else tmp_path_factory.getbasetemp()
    folder = shared / "small-run"
    with FileLock(f"{folder}.lock"):
        if not (folder / "done").exists():
            folder.mkdir(exist_ok=True)
            _run_in_one_process(_commands(), folder)
            (folder / "done").touch()
    return folder


def _run_in_one_process(commands: list[list[str]], folder: Path) -> None:
    """The command line, command after command: importing torch once spares half of the time."""
    given = [[*words, "--params", json.dumps(SMALL)] for words in commands]
    script = (
        "import json, sys; from attune.cli import app\n"
        "for words in json.load(sys.stdin): app(words, standalone_mode=False)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def _commands() -> list[list[str]]:
    data = ["--validated", "data/validated", "--store", "data/store"]
    corpus = ["--corpus", "data/corpus"]
    root = ["--root", "data/raw"]
    cells = [(system, fold) for system in SMALL["systems"] for fold in SMALL["folds"]]
    return [
        ["corpus", *root, "--out", "data/corpus"],
        ["validate", *corpus, *root, "--out", "data/validated"],
        ["preprocess", *corpus, *root, "--validated", "data/validated", "--out", "data/store"],
        *(["train", "--system", s, "--fold", f, *data, "--out", f"models/{s}/{f}"] for s, f in cells),
        *(["predict", "--model", f"models/{s}/{f}", *data, "--out", f"predictions/{s}/{f}"] for s, f in cells),
        [
            *["evaluate", "--validated", "data/validated", "--predictions", "predictions"],
            *["--metrics", "reports/metrics.json", "--out", "reports/evaluation"],
        ],
        [
            *["attention", *corpus, *data, "--models", "models", "--predictions", "predictions"],
            *["--out", "reports/attention"],
        ],
        [
            *["report", *corpus, *data, "--models", "models", "--predictions", "predictions"],
            *["--metrics", "reports/metrics.json", "--evaluation", "reports/evaluation"],
            *["--attention", "reports/attention", "--curves", "reports/curves.csv", "--out", "reports/index.html"],
        ],
    ]


def _is_worker() -> bool:
    return "PYTEST_XDIST_WORKER" in os.environ
