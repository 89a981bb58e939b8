"""A branch begins as it should, and decides from what its attention makes of the GRU's outputs."""

import pytest
import torch

from attune.model.attention import ATTENTIONS
from attune.model.branch import HIDDEN, Branch

WIDTH = 40


def branch(attention: str = "dot", seed: int = 1) -> Branch:
    built = Branch(3, width=WIDTH, attention=attention)
    torch.manual_seed(seed)
    built.reset_parameters()
    return built


def test_recurrences_begin_orthogonal_gate_by_gate():
    for gate in branch().gru.weight_hh_l1.chunk(3):
        torch.testing.assert_close(gate @ gate.T, torch.eye(HIDDEN), atol=1e-5, rtol=0)


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_nothing_is_left_of_what_was_there_before_a_reset(attention):
    one, other = Branch(3, width=WIDTH, attention=attention), Branch(3, width=WIDTH, attention=attention)
    for parameter in other.parameters():
        torch.nn.init.constant_(parameter, 7.0)
    for built in (one, other):
        torch.manual_seed(5)
        built.reset_parameters()
    for name, parameter in one.named_parameters():
        assert torch.equal(parameter, other.get_parameter(name)), name


def test_the_logits_are_the_output_layers_answer_to_what_attention_sums_up():
    torch.manual_seed(3)
    built, outputs, windows = branch(), torch.randn(2, 5, HIDDEN), torch.tensor([5, 3])
    torch.nn.init.normal_(built.attention.vector)
    decided = built.decide(outputs, windows)
    summed = torch.einsum("bl,blh->bh", decided.attention, outputs)
    torch.testing.assert_close(decided.logits, built.output(summed))


def test_there_are_as_many_logits_as_classes():
    logits = Branch(5, width=WIDTH, attention="mean").decide(torch.zeros(2, 4, HIDDEN), torch.tensor([4, 4])).logits
    assert logits.shape == (2, 5)
