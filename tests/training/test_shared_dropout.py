"""Dropout of a run that several processes share."""

import pytest
import torch
from toy_examples import MEAN, STD, examples

from attune.model.form import Form
from attune.model.front_ends import FRONT_ENDS
from attune.model.systems import named
from attune.model.windows import collate
from attune.training import shared_dropout
from attune.training.distributed import Ranks

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("front_end", sorted(FRONT_ENDS.keys() - {"descriptors"}))
def test_what_is_drawn_for_the_whole_batch_is_what_one_process_draws(front_end):
    own = examples(3)
    batch = collate([own.waveform(name) for name in own.utterances], MEAN, STD)
    network = named("mtl-att", form=Form(front_end)).build("joint", dropout=0.5, seed=1).train()
    torch.manual_seed(2)
    alone = network.front_end(batch.waves, batch.windows)
    torch.manual_seed(2)
    shared_dropout.draw(network, Ranks(), batch.windows.tolist(), torch.device("cpu"))
    torch.testing.assert_close(network.front_end(batch.waves, batch.windows), alone)
