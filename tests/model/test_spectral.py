"""The matrix products, and what surrounds them, are torch's convolutions, pooling and ReLU."""

import pytest
import torch
import torch.nn.functional as F

from attune.model.convolution import direct, pooling, spectral


def convolution(out, channels, dtype=torch.float32):
    weight = torch.randn(out, channels, 40, dtype=dtype) / (40 * channels) ** 0.5
    return weight.requires_grad_(), torch.randn(out, dtype=dtype).requires_grad_()


def inside(batch, time, dtype=torch.float32):
    """The last utterance ends at half the time."""
    found = torch.ones(batch, time, dtype=dtype)
    found[-1, time // 2 :] = 0.0
    return found


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(1)


@pytest.mark.parametrize(("batch", "samples"), [(1, 640), (3, 800), (2, 3200)])
def test_the_first_convolution_equals_torchs_conv1d_and_max_pool(batch, samples):
    given = torch.randn(batch, samples), *convolution(40, 1), inside(batch, samples // 2)
    torch.testing.assert_close(spectral.first(*given), direct.first(*given))


@pytest.mark.parametrize(("batch", "time"), [(1, 320), (3, 400), (2, 1600)])
@pytest.mark.parametrize("pool", [1, 10])
def test_the_second_convolution_equals_torchs_conv1d_and_the_maximum_over_channels(batch, time, pool):
    given = torch.randn(40, batch, time), *convolution(40, 40), pool
    torch.testing.assert_close(spectral.second(*given), direct.second(*given), rtol=1e-4, atol=2e-5)


def test_same_padding_is_19_on_the_left_and_20_on_the_right():
    weight, bias = torch.zeros(1, 1, 40), torch.zeros(1)
    weight[0, 0, 0] = 1.0
    signal = torch.arange(1.0, 81.0).view(1, 1, 80)
    delayed = spectral.second(signal, weight, bias, 1)[0, 0]
    torch.testing.assert_close(delayed, torch.cat([torch.zeros(19), signal[0, 0, :61]]), atol=1e-4, rtol=0)


def test_gradients_are_right_in_double_precision():
    signal = torch.randn(2, 2, 160, dtype=torch.float64, requires_grad=True)
    given = (signal, *convolution(4, 2, torch.float64))
    assert torch.autograd.gradcheck(lambda *inputs: spectral.second(*inputs, 2), given, fast_mode=True)
    waves = torch.randn(2, 160, dtype=torch.float64, requires_grad=True)
    given = (waves, *convolution(3, 1, torch.float64))
    assert torch.autograd.gradcheck(
        lambda *inputs: spectral.first(*inputs, inside(2, 80, torch.float64)), given, fast_mode=True
    )


@pytest.mark.parametrize("form", ["first", "second"])
def test_gradients_equal_those_of_torchs_operations(form):
    if form == "second":
        signal = torch.randn(4, 2, 240, dtype=torch.float64, requires_grad=True)
        inputs, last = (signal, *convolution(6, 4, torch.float64)), 3
    else:
        waves = torch.randn(2, 320, dtype=torch.float64, requires_grad=True)
        inputs, last = (waves, *convolution(5, 1, torch.float64)), inside(2, 160, torch.float64)
    outputs = [getattr(module, form)(*inputs, last) for module in (spectral, direct)]
    along = torch.randn_like(outputs[0])
    ours, torchs = (torch.autograd.grad(output, inputs, along) for output in outputs)
    torch.testing.assert_close(ours, torchs)


def test_of_equal_values_the_first_gets_the_gradient_as_in_max_pool1d():
    zero, ties = torch.zeros(4, requires_grad=True), torch.tensor([2.0, 2.0, 1.0, 2.0]).view(4, 1)
    pooling.strongest_of_channels(ties.requires_grad_(), zero, 4).sum().backward()
    assert ties.grad.flatten().tolist() == zero.grad.tolist() == [1.0, 0.0, 0.0, 0.0]
    torchs = torch.tensor([[[2.0, 2.0, 1.0, 2.0]]], requires_grad=True)
    F.max_pool1d(torchs, 4).sum().backward()
    assert torchs.grad.flatten().tolist() == [1.0, 0.0, 0.0, 0.0]
    pairs = torch.tensor([[[3.0, 1.0, 3.0, 2.0]]], requires_grad=True)  # even ones before odd ones
    pooling.strongest_of_pairs(pairs, torch.zeros(1), torch.ones(1, 2)).sum().backward()
    assert pairs.grad.flatten().tolist() == [1.0, 0.0, 0.0, 1.0]
