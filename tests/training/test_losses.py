"""Losses against scikit-learn's class weights and the formula written out."""

import numpy as np
import pytest
import torch
from scipy.special import log_softmax
from sklearn.utils.class_weight import compute_class_weight

from attune.model.branch import Output
from attune.model.objectives.base import Truth
from attune.model.systems import named
from attune.params import TaskWeights, Train
from attune.training import losses

ACTUAL = {
    "arousal": np.array([0, 1, 1, 2, 1, 1]),
    "valence": np.array([0, 0, 1, 1, 2, 2]),
    "dominance": np.array([1, 1, 1, 1, 1, 2]),
}


def test_balanced_weights_are_scikit_learns():
    expected = compute_class_weight("balanced", classes=np.arange(3), y=ACTUAL["arousal"])
    np.testing.assert_allclose(losses.balanced(ACTUAL["arousal"], 3), expected, rtol=1e-6)


def test_balanced_weights_have_mean_one_also_where_a_class_is_absent():
    weights = losses.balanced(ACTUAL["dominance"], 3).numpy()
    assert weights[0] == 0
    assert weights[ACTUAL["dominance"]].mean() == pytest.approx(1.0)


@pytest.mark.parametrize("kind", ["balanced", "none"])
def test_the_loss_is_the_sum_over_tasks_and_utterances_of_weighted_log_probabilities(kind):
    settings = Train(class_weights=kind, task_weights=TaskWeights(arousal=0.5, valence=2.0, dominance=1.0))
    torch.manual_seed(1)
    outputs = {task: Output(torch.randn(6, 3), None) for task in ACTUAL}
    classes = {task: Truth(torch.from_numpy(actual)) for task, actual in ACTUAL.items()}
    network = named("mtl-att").network("joint")
    weights = losses.class_weights(settings, ACTUAL, dict.fromkeys(ACTUAL, 3))
    loss = losses.weighted(losses.of_tasks(network, outputs, classes, weights), settings)

    expected = 0.0
    for task, w_m in {"arousal": 0.5, "valence": 2.0, "dominance": 1.0}.items():
        logarithms = log_softmax(outputs[task].logits.numpy(), axis=1)
        for row, actual in enumerate(ACTUAL[task]):
            share = np.mean(ACTUAL[task] == actual) * len(set(ACTUAL[task])) if kind == "balanced" else 1.0
            expected -= w_m / share * logarithms[row, actual]
    assert loss.item() == pytest.approx(expected, rel=1e-5)


def test_a_task_may_have_the_name_of_anything_that_the_weights_can_do():
    assert [TaskWeights(json=2.0).of(task) for task in ("json", "check")] == [2.0, 1.0]


def test_l2_sums_the_squares_of_weights_and_leaves_biases_out():
    layer = torch.nn.Linear(2, 1)
    layer.weight.data, layer.bias.data = torch.tensor([[3.0, 4.0]]), torch.tensor([100.0])
    assert losses.l2(layer).item() == 25.0
    assert losses.l2(torch.nn.ModuleDict({"bias": layer})).item() == 25.0  # a task's name
