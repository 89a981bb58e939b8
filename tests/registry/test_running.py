"""The process that runs a version's networks: unexpected ends are reported, and threads get their own answers."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from attune.errors import AttuneError
from attune.registry.running import Running


def test_a_process_that_ended_between_two_calls_or_was_closed_is_reported(tmp_path):
    with Running(tmp_path, "attune/1") as networks:
        networks._loaded = True
        networks._process.own.kill()
        networks._process.own.wait()
        with pytest.raises(AttuneError, match="attune/1: the process that runs its networks ended with code -9"):
            networks.predict(pd.DataFrame())
    with pytest.raises(AttuneError, match="attune/1: is closed"):
        networks.predict(pd.DataFrame())


def test_a_missing_package_of_the_networks_is_named_without_a_traceback(tmp_path, monkeypatch, capfd):
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Running(tmp_path, "attune/1") as networks, pytest.raises(ModuleNotFoundError, match="torch"):
        networks.wait()
    assert "Traceback" not in capfd.readouterr().err


class Echo:
    """A process's end of the line: it answers what was asked, in the order in which it was asked."""

    closed = False

    def __init__(self):
        self.asked = []

    def send(self, message):
        self.asked.append(message)

    def recv(self):
        time.sleep(0.001)
        _, (rows, _), _ = self.asked.pop()
        return "done", rows, 0.0


def test_threads_that_share_a_model_each_get_their_own_answer(tmp_path):
    with Running(tmp_path, "attune/1") as networks:
        line, networks._line, networks._loaded = networks._line, Echo(), True
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(networks.predict, range(40))) == list(range(40))
        networks._line = line


def test_an_interrupted_call_leaves_no_answer_for_the_next_one(tmp_path, monkeypatch):
    with Running(tmp_path, "attune/1") as networks:
        networks._loaded = True
        with monkeypatch.context() as patch:
            patch.setattr(type(networks._line), "recv", lambda line: signal.raise_signal(signal.SIGINT))
            with pytest.raises(KeyboardInterrupt):
                networks.predict(pd.DataFrame())
        with pytest.raises(AttuneError, match="attune/1: is closed"):
            networks.predict(pd.DataFrame())
