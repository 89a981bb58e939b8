"""Objectives against formulas written out, and against the classes that ratings belong to."""

import numpy as np
import pytest
import torch

from attune.errors import AttuneError
from attune.model import objectives, ratings
from attune.model.objectives.base import Said, Truth
from attune.settings.train import ON_RATINGS
from attune.tasks import Task

TASK = {2: Task("x", ("a", "b"), (1.0, 3.0, 5.0)), 3: Task("x"), 7: Task("x", tuple("abcdefg"), tuple(range(1, 9)))}


def alone(tensor):
    return tensor


def drawn(count=9):
    generator = torch.Generator().manual_seed(1)
    return 1 + 4 * torch.rand(count, generator=generator), 1 + 4 * torch.rand(count, generator=generator)


def loss(name, value, actual, together=alone):
    said, truth = Said(torch.zeros(len(value), 3), value), Truth(torch.zeros(len(value), dtype=int), actual)
    return objectives.named(name, 3).loss(said, truth, torch.ones(3), together)


def ccc(one, other):
    """Lin's formula."""
    (spread_one, product), (_, spread_other) = np.cov(one, other, bias=True)
    return 2 * product / (spread_one + spread_other + (one.mean() - other.mean()) ** 2)


def test_the_parameters_know_which_objectives_take_ratings():
    assert set(ON_RATINGS) == {name for name, one in objectives.OBJECTIVES.items() if one.takes_ratings}


def test_values_are_trained_on_one_minus_the_concordance_once_for_each_utterance():
    value, actual = drawn()
    expected = 9 * (1 - ccc(actual.numpy(), value.numpy()))
    assert loss("values", value, actual).item() == pytest.approx(expected, rel=1e-4)


def test_both_adds_the_two_losses_up():
    value, actual = drawn()
    expected = loss("values", value, actual).item() + 9 * np.log(3)
    assert loss("both", value, actual).item() == pytest.approx(expected, rel=1e-5)


def test_the_gradient_of_a_shared_batch_is_that_of_the_whole():
    value, actual = drawn()
    whole = value.clone().requires_grad_()
    loss("values", whole, actual).backward()
    parts = [torch.arange(9)[::2], torch.arange(9)[1::2], torch.arange(0)]
    sums = []
    for place in parts:
        loss("values", value[place], actual[place], lambda own: sums.append(own) or own)
    summed = torch.stack(sums).sum(0)
    added, gradient = 0.0, torch.zeros(9)
    for place in parts[:2]:
        own = value[place].clone().requires_grad_()
        part = loss("values", own, actual[place], lambda _: summed)
        part.backward()
        added, gradient[place] = added + part.item(), own.grad
    torch.testing.assert_close(gradient, whole.grad, rtol=1e-4, atol=1e-5)
    assert added == pytest.approx(loss("values", value, actual).item(), rel=1e-4)


@pytest.mark.parametrize("name", objectives.OBJECTIVES)
def test_a_process_without_a_share_adds_as_much_to_the_others_as_one_with_a_share(name):
    calls = []
    objectives.named(name, 3).idle(lambda own: calls.append(own.shape) or own, torch.device("cpu"))
    heard = []
    loss(name, *drawn(), lambda own: heard.append(own.shape) or own)
    assert calls == heard


def test_a_batch_in_which_nothing_varies_has_a_finite_loss_and_gradient():
    value = torch.full((3,), 2.0, requires_grad=True)
    found = loss("values", value, torch.full((3,), 2.0))
    found.backward()
    assert torch.isfinite(found)
    assert torch.isfinite(value.grad).all()


@pytest.mark.parametrize("classes", TASK)
def test_the_likeliest_class_of_a_value_is_the_one_that_it_belongs_to_off_the_scale_too(classes):
    values = torch.linspace(-3.003, 8.997, 500, dtype=torch.float64)
    found = ratings.linear_logits(values, classes).argmax(1)
    assert found.tolist() == TASK[classes].to_class(values.numpy()).tolist()


@pytest.mark.parametrize("classes", TASK)
def test_close_to_an_edge_the_odds_are_those_of_a_published_models_rating(classes):
    task = TASK[classes]
    for number, edge in enumerate(task.knots_inside[1:-1]):
        value = edge + 0.05 * np.diff(task.knots_inside).min()
        logits = ratings.linear_logits(torch.tensor([value], dtype=torch.float64), classes)[0]
        below, above = ratings.probabilities(task, float(task.own(value)))[number : number + 2]
        assert (logits[number + 1] - logits[number]).item() == pytest.approx(np.log(above / below), rel=0.05, abs=0.01)


def test_logits_of_values_are_linear():
    found = ratings.linear_logits(torch.tensor([1.0, 2.0, 3.0]), 3)
    torch.testing.assert_close(found[2] - found[1], found[1] - found[0])


def test_the_stretched_scale_is_the_tasks_own():
    task = Task("x", ("no", "maybe", "yes"), (0.0, 0.1, 0.8, 1.0))
    values = torch.linspace(1, 5, 41, dtype=torch.float64)
    found = ratings.on_scale(values, task.knots_inside, task.knots)
    np.testing.assert_allclose(found.numpy(), task.own(values.numpy()), atol=1e-12)


def test_an_unknown_objective_is_refused_with_the_known_ones():
    with pytest.raises(AttuneError, match=r"no objective is called 'ranks'(.|\n)*classes, values, both"):
        objectives.named("ranks", 3)
