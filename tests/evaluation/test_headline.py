"""`dvc metrics` shows a few numbers that fit a screen."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
from ruamel.yaml import YAML

from attune.evaluation.headline import headline
from attune.tasks import TASKS

REPOSITORY = Path(__file__).parents[2]
SYSTEMS = ["mtl-att", "stl"]


def scores(shift=0.0):
    rows = [
        {
            "system": system,
            "partition": partition,
            "task": task,
            "score": score,
            "value": 0.5 + shift,
            "low": 0.4,
            "high": 0.61,
        }
        for system in (*SYSTEMS, "chance")
        for partition in ("test", "test@session1", "development")
        for task in TASKS
        for score in ("mae", "ccc", "uar")
    ]
    return pd.DataFrame(rows)


def test_it_has_test_uar_and_ccc_of_the_systems_and_nothing_else():
    found = headline(scores(), SYSTEMS)
    assert list(found) == SYSTEMS
    assert list(found["stl"]) == list(TASKS)
    assert found["stl"]["valence"] == {
        "uar": 0.5, "uar_interval": "0.400 to 0.610", "ccc": 0.5, "ccc_interval": "0.400 to 0.610"
    }  # fmt: skip


def test_a_score_that_is_no_number_is_null():
    table = scores().assign(value=float("nan"))
    assert json.loads(json.dumps(headline(table, SYSTEMS), allow_nan=False))["stl"]["valence"]["uar"] is None


def test_dvc_shows_and_compares_it(tmp_path):
    declared = YAML(typ="safe").load((REPOSITORY / "dvc.yaml").read_text())["metrics"]
    YAML().dump({"metrics": declared}, tmp_path / "dvc.yaml")
    file = tmp_path / declared[0]
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(headline(scores(), SYSTEMS[:1])))
    run("git", "init", "-q", cwd=tmp_path)
    run(dvc(), "init", "-q", cwd=tmp_path)
    run("git", "add", "-A", cwd=tmp_path)
    run("git", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "all", cwd=tmp_path)
    file.write_text(json.dumps(headline(scores(0.1), SYSTEMS[:1])))
    shown = run(dvc(), "metrics", "show", cwd=tmp_path)
    assert "mtl-att.arousal.uar" in shown
    assert "0.400 to 0.610" in shown
    assert max(map(len, shown.splitlines())) < 400
    diff = run(dvc(), "metrics", "diff", "--json", cwd=tmp_path)
    changed = json.loads(diff)["diff"] if "diff" in json.loads(diff) else json.loads(diff)
    assert abs(changed[declared[0]]["mtl-att.arousal.uar"]["diff"] - 0.1) < 1e-9


def dvc():
    return Path(sys.executable).with_name("dvc")


def run(*command, cwd):
    environment = os.environ | {"DVC_NO_ANALYTICS": "1"}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=True, timeout=400
    ).stdout
