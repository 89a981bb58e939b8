"""Every attention against its formula written out in numpy, and what all of them have in common."""

import numpy as np
import pytest
import torch

from attune.errors import AttuneError
from attune.model.attention import ATTENTIONS, named

HIDDEN, WINDOWS = 128, torch.tensor([5, 3])
WITHOUT_WEIGHTS = {"mean", "last"}


def drawn(name: str) -> torch.nn.Module:
    """An attention as after training: no parameter is zero."""
    torch.manual_seed(2)
    attention = named(name, HIDDEN)
    for parameter in attention.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return attention


def outputs() -> torch.Tensor:
    torch.manual_seed(1)
    return torch.randn(2, 5, HIDDEN)


def arrays(attention) -> dict[str, np.ndarray]:
    return {name: parameter.detach().double().numpy() for name, parameter in attention.named_parameters()}


def softmax(scores: np.ndarray) -> np.ndarray:
    return np.exp(scores) / np.exp(scores).sum()


def sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


FORMULAS = {
    "dot": lambda h, p: softmax(h @ p["vector"]),
    "additive": lambda h, p: softmax(np.tanh(h @ p["projection.weight"].T + p["projection.bias"]) @ p["vector"]),
    "gated": lambda h, p: softmax((np.tanh(h @ p["content.weight"].T) * sigmoid(h @ p["gate.weight"].T)) @ p["vector"]),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_weights_and_summary_are_the_sources_formula_over_an_utterances_own_windows(name):
    attention, h = drawn(name), outputs()
    summary, weights = attention(h, WINDOWS)
    for row, length in enumerate(WINDOWS.tolist()):
        own = h[row, :length].double().numpy()
        expected = FORMULAS[name](own, arrays(attention))
        np.testing.assert_allclose(weights[row, :length].detach(), expected, rtol=1e-4)
        np.testing.assert_allclose(summary[row].detach(), expected @ own, rtol=1e-4, atol=1e-5)


def test_each_head_weighs_its_own_part_of_the_output():
    attention, h = drawn("multi-head"), outputs()
    summary, weights = attention(h, WINDOWS)
    vectors = arrays(attention)["vectors"]
    for row, length in enumerate(WINDOWS.tolist()):
        parts = h[row, :length].double().numpy().reshape(length, 4, 32)
        heads = [softmax(parts[:, head] @ vectors[head] / np.sqrt(32)) for head in range(4)]
        expected = np.concatenate([heads[head] @ parts[:, head] for head in range(4)])
        np.testing.assert_allclose(summary[row].detach(), expected, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(weights[row, :length].detach(), np.mean(heads, axis=0), rtol=1e-4)


def test_the_mean_is_over_an_utterances_own_windows():
    h = outputs()
    summary, _ = drawn("mean")(h, WINDOWS)
    torch.testing.assert_close(summary, torch.stack([h[0].mean(0), h[1, :3].mean(0)]))


def test_the_last_output_is_each_utterances_own():
    h = outputs()
    summary, _ = drawn("last")(h, WINDOWS)
    torch.testing.assert_close(summary, torch.stack([h[0, 4], h[1, 2]]))


@pytest.mark.parametrize("name", ATTENTIONS)
def test_padding_never_counts(name):
    attention, h = drawn(name), outputs()
    spoilt = h.clone()
    spoilt[1, 3:] = 1e3
    before, after = attention(h, WINDOWS), attention(spoilt, WINDOWS)
    torch.testing.assert_close(after.summary, before.summary)
    if name in WITHOUT_WEIGHTS:
        assert after.weights is None
    else:
        torch.testing.assert_close(after.weights, before.weights)
        assert (after.weights[1, 3:] == 0).all()
        torch.testing.assert_close(after.weights.sum(1), torch.ones(2))


@pytest.mark.parametrize("name", sorted(set(ATTENTIONS) - {"last"}))
def test_training_starts_from_the_plain_mean_over_windows(name):
    attention, h = named(name, HIDDEN), outputs()
    attention.reset_parameters()
    torch.testing.assert_close(attention(h, WINDOWS).summary, drawn("mean")(h, WINDOWS).summary)


def test_an_unknown_attention_is_refused_with_the_known_ones():
    with pytest.raises(AttuneError, match=r"no attention is called 'dots'(.|\n)*dot, additive, multi-head, gated"):
        named("dots", HIDDEN)
