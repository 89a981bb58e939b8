"""What the machine has is asked in a way that every system answers."""

import os
from pathlib import Path

import psutil
import pytest
import torch

from attune import machine
from attune.params import Compute
from attune.steps.published.at_once import MEMORY, at_once


def test_cores_are_those_that_this_process_may_use():
    assert machine.cores() == len(os.sched_getaffinity(0))


def test_a_system_without_affinities_gives_all_its_cores(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 10)
    assert machine.cores() == 10


def test_free_memory_is_what_the_kernel_says(tmp_path, monkeypatch):
    said = Path("/proc/meminfo").read_text(encoding="ascii")  # at this moment, unlike a moment later
    (tmp_path / "meminfo").write_text(said)
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(tmp_path))
    available = next(1024 * int(line.split()[1]) for line in said.splitlines() if line.startswith("MemAvailable:"))
    assert machine.free_memory() == available


@pytest.mark.parametrize(
    ("compute", "cores", "memory", "gpu", "number"),
    [
        ({"threads": 1}, 2, 64, False, 2),
        ({"threads": 2}, 2, 64, False, 1),
        ({"threads": 4}, 2, 64, False, 1),
        ({"threads": 1}, 8, 3, False, 3),
        ({"threads": 1}, 8, 0.5, False, 1),
        ({"threads": 1, "device": "cuda"}, 8, 64, True, 1),
        ({"threads": 1, "device": "auto"}, 8, 64, True, 1),
        ({"threads": 1, "device": "cpu"}, 8, 64, True, 8),
    ],
)
def test_as_many_trainings_run_at_once_as_cores_memory_and_gpu_allow(monkeypatch, compute, cores, memory, gpu, number):
    monkeypatch.setattr(machine, "cores", lambda: cores)
    monkeypatch.setattr(machine, "free_memory", lambda: int(memory * MEMORY))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    assert at_once(Compute.model_validate(compute)) == number


@pytest.mark.parametrize(("cores", "memory", "number"), [(1, 64, 1), (2, 64, 5), (3, 64, 7), (2, 4, 4), (2, 0.5, 1)])
def test_they_take_turns_where_there_are_several_cores_and_memory_allows(monkeypatch, cores, memory, number):
    monkeypatch.setattr(machine, "cores", lambda: cores)
    monkeypatch.setattr(machine, "free_memory", lambda: int(memory * MEMORY))
    assert at_once(Compute(device="cpu"), per_core=2.5) == number
