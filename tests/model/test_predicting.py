"""Long utterances in pieces, short ones in batches."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from attune.model.predicting import BATCH_SAMPLES, batches, outputs
from attune.model.systems import named
from attune.model.windows import collate
from attune.signal import covered
from attune.tasks import TASKS


@given(st.lists(st.integers(1, 8000), max_size=40))
def test_every_utterance_is_in_one_batch_and_no_batch_is_too_large(windows):
    planned = list(batches(windows))
    assert sorted(position for batch in planned for position in batch) == list(range(len(windows)))
    for batch in planned:
        padded = covered(max(windows[position] for position in batch)) * len(batch)
        assert padded <= BATCH_SAMPLES or len(batch) == 1


@pytest.mark.parametrize("system", ["mtl", "mtl-att"])
@pytest.mark.parametrize("chunk", [1, 7, 23])
def test_a_long_utterance_in_pieces_gives_what_it_gives_whole(system, chunk):
    network = named(system).build("joint", dropout=0.1, seed=1)
    batch = collate([np.random.default_rng(1).normal(size=640 + 46 * 160 + 30).astype(np.float32)], 0.0, 1.0)
    whole, pieced = outputs(network, batch), outputs(network, batch, chunk)
    for task in TASKS:
        torch.testing.assert_close(pieced[task].logits, whole[task].logits, rtol=1e-4, atol=1e-5)
        if whole[task].attention is not None:
            assert pieced[task].attention.shape == (1, 47)
            torch.testing.assert_close(pieced[task].attention, whole[task].attention, rtol=1e-4, atol=1e-6)


def test_predicting_switches_dropout_off():
    network = named("mtl").build("joint", dropout=0.9, seed=1).train()
    batch = collate([np.random.default_rng(1).normal(size=2000).astype(np.float32)], 0.0, 1.0)
    assert torch.equal(outputs(network, batch)["valence"].logits, outputs(network, batch)["valence"].logits)
