"""Attention and the last output, against the formulas written out in numpy."""

import numpy as np
import torch

from attune.model.branch import HIDDEN, Branch, attend


def outputs(batch=2, windows=5):
    torch.manual_seed(1)
    return torch.randn(batch, windows, HIDDEN)


def test_attention_is_the_softmax_of_w_times_h_over_the_utterances_own_windows():
    h, w, windows = outputs(), torch.randn(HIDDEN), torch.tensor([5, 3])
    weights = attend(h, w, windows).numpy()
    for row, length in enumerate(windows.tolist()):
        exponentials = np.exp((h[row, :length] @ w).double().numpy())
        np.testing.assert_allclose(weights[row, :length], exponentials / exponentials.sum(), rtol=1e-4)
        assert (weights[row, length:] == 0).all()


def test_the_utterance_is_the_attention_weighted_sum_of_outputs():
    branch, h, windows = Branch(attention=True), outputs(), torch.tensor([5, 3])
    torch.nn.init.normal_(branch.attention)
    decided = branch.decide(h, windows)
    summed = torch.einsum("bl,blh->bh", decided.attention, h)
    torch.testing.assert_close(decided.logits, branch.output(summed))


def test_without_attention_each_utterances_own_last_output_stands_for_it():
    branch, h, windows = Branch(attention=False), outputs(), torch.tensor([5, 3])
    decided = branch.decide(h, windows)
    assert decided.attention is None
    torch.testing.assert_close(decided.logits, branch.output(torch.stack([h[0, 4], h[1, 2]])))
