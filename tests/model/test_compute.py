"""The device, the threads, and determinism."""

import platform
import subprocess
import sys

import needs
import pytest
import torch

from attune.errors import AttuneError
from attune.model.compute import prepare
from attune.params import Compute


@pytest.fixture(autouse=True)
def _as_it_was():
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(False)


def test_threads_and_determinism_are_set():
    assert prepare(Compute(device="cpu", threads=1)) == torch.device("cpu")
    assert torch.get_num_threads() == 1
    assert torch.are_deterministic_algorithms_enabled()


def test_asking_for_cuda_without_a_gpu_says_so(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(AttuneError, match=r"compute\.device: no CUDA device"):
        prepare(Compute(device="cuda"))
    assert prepare(Compute(device="auto")) == torch.device("cpu")


def test_memory_that_was_freed_is_not_returned_to_the_system():
    platform.libc_ver()[0] == "glibc" or needs.missing("needs glibc, whose memory is kept")
    program = """
import resource, torch
from attune.model.compute import keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        sum(torch.ones(size) for size in (1 << 22, 1 << 22, 1 << 22))
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

usual = faults()
keep_freed_memory()
faults()
print(usual, faults())
"""
    usual, kept = map(int, subprocess.check_output([sys.executable, "-c", program]).split())
    assert kept < usual / 10
