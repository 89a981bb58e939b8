"""The shared front end against the paper's literal one, window by window."""

import pytest
import torch

from attune.model.front_ends.paper import FrontEnd
from benchmarks import literal as reference

POSITIONS = 320


@pytest.fixture(scope="module")
def difference() -> torch.Tensor:
    """The largest difference at each of a window's 320 positions, over noise of 23 windows."""
    torch.manual_seed(1)
    front_end = FrontEnd(dropout=0.0)
    waves = torch.randn(2, 640 + 160 * 22)
    shared = front_end(waves, torch.tensor([23, 23]))
    literal = reference.windows(front_end, waves)
    assert shared.shape == literal.shape == (2, 23, 1280)
    return (shared - literal).abs().view(-1, POSITIONS).amax(0)


def test_inner_positions_of_every_window_agree(difference):
    inner = difference[reference.DIFFERS_LEFT : POSITIONS - reference.DIFFERS_RIGHT]
    assert len(inner) == 261
    assert inner.max() < 1e-5


def test_outer_positions_differ_because_only_there_a_window_sees_its_own_zero_padding(difference):
    assert difference[: reference.DIFFERS_LEFT].min() > 1e-3
    assert difference[POSITIONS - reference.DIFFERS_RIGHT :].min() > 1e-3


def test_an_utterance_of_one_window_is_the_same_in_both_forms():
    torch.manual_seed(1)
    front_end = FrontEnd(dropout=0.0)
    waves = torch.randn(3, 640)
    shared = front_end(waves, torch.tensor([1, 1, 1]))
    torch.testing.assert_close(shared, reference.windows(front_end, waves), rtol=1e-4, atol=1e-5)
