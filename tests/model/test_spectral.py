"""The matrix products are torch's convolutions."""

import pytest
import torch

from attune.model import direct, spectral


def convolution(out, channels, dtype=torch.float32):
    weight = torch.randn(out, channels, 40, dtype=dtype) / (40 * channels) ** 0.5
    return weight.requires_grad_(), torch.randn(out, dtype=dtype).requires_grad_()


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(1)


@pytest.mark.parametrize(("batch", "samples"), [(1, 640), (3, 800), (2, 3200)])
def test_the_first_convolution_equals_torchs_conv1d_and_max_pool(batch, samples):
    waves, (weight, bias) = torch.randn(batch, samples), convolution(40, 1)
    torch.testing.assert_close(spectral.first(waves, weight, bias), direct.first(waves, weight, bias))


@pytest.mark.parametrize(("batch", "time"), [(1, 320), (3, 400), (2, 1600)])
def test_the_second_convolution_equals_torchs_conv1d(batch, time):
    signal, (weight, bias) = torch.randn(40, batch, time), convolution(40, 40)
    expected = direct.second(signal, weight, bias)
    torch.testing.assert_close(spectral.second(signal, weight, bias), expected, rtol=1e-4, atol=2e-5)


def test_same_padding_is_19_on_the_left_and_20_on_the_right():
    weight, bias = torch.zeros(1, 1, 40), torch.zeros(1)
    weight[0, 0, 0] = 1.0
    signal = torch.arange(1.0, 81.0).view(1, 1, 80)
    delayed = spectral.second(signal, weight, bias)[0, 0]
    torch.testing.assert_close(delayed, torch.cat([torch.zeros(19), signal[0, 0, :61]]), atol=1e-4, rtol=0)


def test_gradients_are_right_in_double_precision():
    signal = torch.randn(2, 2, 160, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(spectral.second, (signal, *convolution(3, 2, torch.float64)), fast_mode=True)
    waves = torch.randn(2, 160, dtype=torch.float64)
    assert torch.autograd.gradcheck(
        lambda weight, bias: spectral.first(waves, weight, bias), convolution(3, 1, torch.float64), fast_mode=True
    )


def test_gradients_equal_those_of_torchs_conv1d():
    signal = torch.randn(4, 2, 240, dtype=torch.float64, requires_grad=True)
    inputs = (signal, *convolution(5, 4, torch.float64))
    along = torch.randn(5, 2, 240, dtype=torch.float64)
    ours = torch.autograd.grad(spectral.second(*inputs), inputs, along)
    torchs = torch.autograd.grad(direct.second(*inputs), inputs, along)
    torch.testing.assert_close(ours, torchs)
