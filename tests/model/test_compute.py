"""The device, the threads, and determinism."""

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
