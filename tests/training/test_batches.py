"""Batches hold every utterance once, and utterances of similar length."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from attune.training.batches import shuffled

samples = st.lists(st.integers(1, 500_000), min_size=1, max_size=60)


@given(samples, st.integers(1, 9), st.integers(0, 100))
def test_every_utterance_is_in_one_batch_of_at_most_the_size_asked(lengths, size, seed):
    batches = shuffled(lengths, size, [seed, 1])
    assert sorted(position for batch in batches for position in batch) == list(range(len(lengths)))
    assert max(map(len, batches)) <= size


@given(samples, st.integers(1, 9))
def test_the_lengths_of_two_batches_do_not_interleave(lengths, size):
    ranges = sorted(
        (min(lengths[p] for p in batch), max(lengths[p] for p in batch)) for batch in shuffled(lengths, size, [1])
    )
    assert all(before[1] <= after[0] for before, after in pairwise(ranges))


def test_the_seed_decides_the_order():
    lengths = list(range(100))
    assert shuffled(lengths, 4, [1, 2]) == shuffled(lengths, 4, [1, 2])
    assert shuffled(lengths, 4, [1, 2]) != shuffled(lengths, 4, [1, 3])


def test_large_partitions_are_mixed_before_they_are_sorted():
    lengths = list(range(1000))
    first, again = (shuffled(lengths, 4, [seed]) for seed in (1, 2))
    assert {tuple(batch) for batch in first} != {tuple(batch) for batch in again}
