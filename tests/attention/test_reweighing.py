"""Other weights at test time, on networks whose answers follow from them."""

from typing import NamedTuple

import numpy as np
import pytest

from attune.attention.probing.reweighing import KINDS, LEARNT, reweighed


class Probe(NamedTuple):
    weights: np.ndarray
    evidence: np.ndarray
    logits: np.ndarray


def probe(rng, windows, peak):
    """The window at the peak speaks for class 2, all the others for class 0."""
    weights = np.full(windows, 0.1 / (windows - 1))
    weights[peak] = 0.9
    evidence = rng.normal(0, 0.01, (windows, 3)) + np.array([1.0, 0.0, 0.0])
    evidence[peak] = [0.0, 0.0, 1.0]
    return Probe(weights, evidence, weights @ evidence)


@pytest.fixture
def answers():
    rng = np.random.default_rng(1)
    lengths = rng.integers(40, 90, 30)
    probes = {f"u{i}": {"arousal": probe(rng, n, int(rng.integers(n)))} for i, n in enumerate(lengths)}
    table = reweighed(probes, seed=1)
    return table.pivot_table(index="utterance", columns="kind", values="predicted")


def test_learnt_weights_give_the_networks_own_answer_and_uniform_ones_that_of_the_majority_of_windows(answers):
    assert (answers[LEARNT] == 2).all()
    assert (answers["uniform"] == 0).all()


def test_weights_in_random_order_and_those_of_others_lose_what_the_peak_found(answers):
    assert (answers["permuted"] == 0).mean() > 0.8
    assert (answers["frozen"] == 0).all()


def test_frozen_weights_are_the_mean_over_utterances_at_each_place():
    rng = np.random.default_rng(2)
    same = {f"u{i}": {"arousal": probe(rng, 50, 10)} for i in range(5)}
    assert (reweighed(same, seed=1).query("kind == 'frozen'")["predicted"] == 2).all()


def test_uniform_attention_loses_nothing_by_any_other():
    rng = np.random.default_rng(3)
    weights = np.full(40, 1 / 40)
    evidence = [rng.normal(size=(40, 3)) for _ in range(10)]
    probes = {f"u{i}": {"arousal": Probe(weights, one, weights @ one)} for i, one in enumerate(evidence)}
    table = reweighed(probes, seed=1).pivot_table(index="utterance", columns="kind", values="predicted")
    assert all((table[kind] == table[LEARNT]).all() for kind in KINDS)


def test_a_network_whose_answer_does_not_follow_from_the_weights_is_left_out():
    one = probe(np.random.default_rng(4), 20, 3)
    assert reweighed({"u": {"arousal": one._replace(logits=one.logits + 1)}}, seed=1).empty
