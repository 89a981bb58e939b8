"""Work of several processes comes back in order; what ends one of them, or all, is said once."""

import os
import signal
import subprocess
import sys
import time

import pytest

from attune import machine
from attune.errors import AttuneError
from attune.parallel.processes import in_order, worthwhile


def squared(number: int) -> int:
    if number == 5 and os.environ.get("ATTUNE_TEST_FAULT") == "error":
        raise AttuneError("cannot be squared", where="five", remedy="Leave it out.")
    if number == 5 and os.environ.get("ATTUNE_TEST_FAULT") == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


@pytest.mark.parametrize("processes", [1, 2])
def test_results_are_in_the_order_of_the_things(processes):
    assert list(in_order(squared, range(40), processes)) == [number * number for number in range(40)]


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_is_raised_as_it_was_where_it_occurred(processes, monkeypatch):
    monkeypatch.setenv("ATTUNE_TEST_FAULT", "error")
    with pytest.raises(AttuneError) as caught:
        list(in_order(squared, range(40), processes))
    assert str(caught.value) == "five: cannot be squared\n  Leave it out."
    assert (caught.value.what, caught.value.where) == ("cannot be squared", "five")


def test_a_killed_process_is_one_message(monkeypatch):
    monkeypatch.setenv("ATTUNE_TEST_FAULT", "kill")
    with pytest.raises(AttuneError, match=r"one of 2 processes was killed\n.*memory"):
        list(in_order(squared, range(40), 2))


@pytest.mark.parametrize(
    ("amount", "cores", "expected"), [(10, 4, 1), (30, 4, 3), (90, 4, 4), (900, 64, 8), (90, 1, 1)]
)
def test_there_are_as_many_as_are_worthwhile(amount, cores, expected, monkeypatch):
    monkeypatch.setattr(machine, "cores", lambda: cores)
    assert worthwhile(amount, 10) == expected


PROGRAM = """
import os, time
from attune.parallel.processes import in_order

def work(seconds):
    time.sleep(seconds)
    return os.getpid()

if __name__ == "__main__":
    print("begun", flush=True)
    for found in in_order(work, [0.1] * 1000, 2):
        print(found, flush=True)
"""
LONG = """
import os, time
from attune.parallel.processes import in_order

def work(number):
    print(os.getpid(), flush=True)
    time.sleep(300)

if __name__ == "__main__":
    print("begun", flush=True)
    list(in_order(work, range(100), 2))
"""


@pytest.mark.parametrize("program", [PROGRAM, LONG], ids=["short work", "long work"])
@pytest.mark.parametrize("after", [0, 0.05, 0.4, "both work"])
def test_ctrl_c_ends_all_and_no_process_but_the_first_says_anything(program, after, tmp_path):
    """Also while the processes start."""
    (tmp_path / "program.py").write_text(program)
    begun = subprocess.Popen(
        [sys.executable, tmp_path / "program.py"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert begun.stdout.readline() == "begun\n"
    if after == "both work":
        working = set()
        while len(working) < 2:
            working.add(begun.stdout.readline())
    else:
        time.sleep(after)
    os.killpg(begun.pid, signal.SIGINT)
    _, said = begun.communicate(timeout=300)
    assert said.count("Traceback") == said.count("KeyboardInterrupt") == 1
    deadline = time.monotonic() + 300
    with pytest.raises(ProcessLookupError):
        while time.monotonic() < deadline:
            os.killpg(begun.pid, 0)
            time.sleep(0.05)
