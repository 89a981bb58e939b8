"""The memory of a server with its default limits is bounded, and good requests are answered, while it is attacked."""

import sys
import time

import pytest
from serving_samples import version_files

from benchmarks.hostile_load import Load
from benchmarks.served_samples import memory, serving

MOST = 2000
"""Megabytes, of both processes: what docs/serving.md states, with networks of two folds here and of five there."""

SERVER = """
import asyncio, sys
from pathlib import Path
from attune.serving import server
from attune.serving.app import App
from attune.serving.limits import Limits
from attune.serving.scorer import Scorer
limits = Limits()
scorer = Scorer(Path(sys.argv[1]), limits, device="cpu", paths=None)
asyncio.run(server.run(App(scorer, limits, version="x/1"), scorer, server.Place("127.0.0.1", int(sys.argv[3])), limits))
"""


@pytest.mark.slow
def test_memory_stays_below_the_stated_figure_under_attack(trained, tmp_path):
    files = version_files(trained, tmp_path / "version")
    with serving([sys.executable, "-c", SERVER, str(files)], tmp_path / "log") as server:
        load = Load(server.port, server.process.pid)
        load.run(10)
        until = time.monotonic() + 180  # what was begun may end
        while memory(server.process.pid)["VmRSS"] > MOST / 2 and time.monotonic() < until:
            time.sleep(1)
        after = memory(server.process.pid)["VmRSS"]
    assert load.highest < MOST
    assert after < MOST / 2
    assert load.good + load.busy > 0
    assert load.wrong == load.lost == 0
    assert sum(load.statuses.values()) > 5
    assert not [attack for attack in load.statuses if attack[1].startswith("5") and attack[1] != "503"]
    assert "Traceback" not in (tmp_path / "log").read_text()
