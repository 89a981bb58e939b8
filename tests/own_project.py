"""A project as docs/own-data.md has its readers make one, and the commands that the page and dvc.yaml name."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner
from mlflow_fixtures import Database
from ruamel.yaml import YAML

from attune.cli import app

REPOSITORY = Path(__file__).parent.parent
SMALL = {
    "systems": ["mtl-att"],
    "train": {"epochs": 1, "patience": 1, "batch_size": 12},
    "compute": {"threads": 1, "device": "cpu"},
    "evaluate": {"resamples": 100},
    "attention": {"rounds": 20, "probed": 2},
    "report": {"examples": 2},
}


def section(number: int) -> tuple[dict, list[str]]:
    """Of the page: 0 is on tables, 1 on audformat; its params.yaml and the lines of its shell."""
    page = (REPOSITORY / "docs/own-data.md").read_text().split("## Databases in audEERING's format")[number]
    settings = YAML(typ="safe").load(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0])
    return settings, [
        line for block in re.findall(r"```bash\n(.*?)```", page, re.DOTALL) for line in block.splitlines()
    ]


def attune(line: str) -> str:
    """What a command prints."""
    done = CliRunner(env={"COLUMNS": "150"}).invoke(app, shlex.split(line)[1:])
    assert done.exit_code == 0, f"{line}\n{done.output}\n{done.exception}"
    return done.output


def graph(folds: list[str]) -> Iterator[str]:
    """The commands of dvc.yaml, of every fold."""
    stages = YAML(typ="safe").load((REPOSITORY / "dvc.yaml").read_text())["stages"]
    for stage in stages.values():
        for system, fold in product(["mtl-att"], folds) if "matrix" in stage else [("", "")]:
            yield stage["cmd"].replace("${item.system}", system).replace("${item.fold}", fold)


@contextmanager
def carried_out(folder: Path, settings: dict, commands: list[str], database: Database) -> Iterator[dict[str, str]]:
    """What each command but `attune serve` printed, in a repository with these parameters."""
    with (folder / "params.yaml").open("w") as file:
        YAML().dump(settings | SMALL, file)  # in the order of the page
    (folder / "mlflow.db").write_bytes(database.path.read_bytes())
    (folder / ".gitignore").write_text("*\n!params.yaml\n")
    for line in ("git init -q", "git add params.yaml", "git -c user.name=a -c user.email=a@b.c commit -qm first"):
        subprocess.run(line.split(), cwd=folder, check=True)
    said = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("ATTUNE_DATA_MD5", json.dumps({"data/store": "0" * 32}))  # which DVC's lock file would say
        for name in ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"):
            patch.delenv(name, raising=False)
        for line in (line for line in commands if not line.startswith("attune serve")):
            lines = graph(settings["folds"]) if line == "dvc repro" else [line]
            said[line] = "".join(map(attune, lines))
        yield said
