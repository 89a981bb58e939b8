"""GRUs side by side are torch's GRUs."""

import pytest
import torch
from torch import nn

from attune.model import recurrence, recurrent


@pytest.fixture
def grus() -> list[nn.GRU]:
    torch.manual_seed(1)
    return [nn.GRU(5, 4, 2, batch_first=True, dtype=torch.float64) for _ in range(3)]


def test_outputs_equal_torchs(grus):
    inputs = torch.randn(2, 7, 5, dtype=torch.float64)
    torch.testing.assert_close(recurrent.run(grus, inputs, torch.tensor([7, 7])), [gru(inputs)[0] for gru in grus])


def test_gradients_equal_torchs(grus):
    inputs = torch.randn(2, 7, 5, dtype=torch.float64, requires_grad=True)
    along = torch.randn(3, 2, 7, 4, dtype=torch.float64)
    wanted = [inputs, *(parameter for gru in grus for parameter in gru.parameters())]
    ours = torch.autograd.grad(torch.stack(recurrent.run(grus, inputs, torch.tensor([7, 7]))), wanted, along)
    torchs = torch.autograd.grad(torch.stack([gru(inputs)[0] for gru in grus]), wanted, along)
    torch.testing.assert_close(ours, torchs)


def test_the_written_out_gradient_passes_gradcheck():
    torch.manual_seed(1)
    shapes = (2, 3, 2, 12), (2, 12, 4), (2, 12)
    inputs = tuple(torch.randn(*shape, dtype=torch.float64, requires_grad=True) for shape in shapes)
    assert torch.autograd.gradcheck(recurrence._Recurrence.apply, inputs)


def test_both_ways_each_utterance_is_read_back_from_its_own_last_window():
    torch.manual_seed(1)
    both = [nn.GRU(5, 4, 2, batch_first=True, bidirectional=True, dtype=torch.float64) for _ in range(2)]
    inputs, windows = torch.randn(3, 7, 5, dtype=torch.float64), torch.tensor([7, 1, 4])
    for gru, found in zip(both, recurrent.run(both, inputs, windows), strict=True):
        for row, count in enumerate(windows):
            torch.testing.assert_close(found[row, :count], gru(inputs[row : row + 1, :count])[0][0])
        as_on_cuda = recurrent._packed(gru, inputs, windows)
        torch.testing.assert_close(as_on_cuda[2, :4], found[2, :4])
