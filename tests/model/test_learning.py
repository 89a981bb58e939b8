"""Nothing in any network is left out of training: each parameter receives a gradient."""

import pytest
import torch

from attune.model.attention import ATTENTIONS
from attune.model.form import Form
from attune.model.front_ends import FRONT_ENDS
from attune.model.front_ends.descriptors import COUNT
from attune.model.network import Network
from attune.model.objectives import OBJECTIVES
from attune.model.objectives.base import Truth
from attune.model.others import from_features
from attune.model.systems import SYSTEMS
from attune.model.windows import Batch, collate
from attune.params import Train
from attune.tasks import TASKS
from attune.training import losses

TRUTH = dict.fromkeys(TASKS, Truth(torch.tensor([0, 2]), torch.tensor([1.5, 4.5])))
EVEN = dict.fromkeys(TASKS, torch.ones(3))
VARIANTS = [
    *((front_end, "forward", "classes") for front_end in FRONT_ENDS if front_end != "descriptors"),
    *(("paper", "bidirectional", objective) for objective in OBJECTIVES),
]


def batch() -> Batch:
    generator = torch.Generator().manual_seed(1)
    return collate([torch.randn(n, generator=generator).numpy() for n in (1300, 2400)], 0.0, 1.0)


def frames() -> Batch:
    generator = torch.Generator().manual_seed(1)
    return from_features.INPUTS.collate([torch.randn(n, COUNT, generator=generator).numpy() for n in (9, 14)])


def without_gradient(network: Network, inputs: Batch | None = None) -> set[str]:
    """Parameters whose gradient is zero at every one of the first three steps."""
    silent = {name for name, _ in network.named_parameters()}
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    for _ in range(3):
        optimiser.zero_grad()
        outputs = network(inputs or batch())
        losses.weighted(losses.of_tasks(network, outputs, TRUTH, EVEN), Train()).backward()
        silent -= {name for name, p in network.named_parameters() if p.grad is not None and p.grad.any()}
        optimiser.step()
    return silent


@pytest.mark.parametrize(("system", "name"), [(s, n) for s, one in SYSTEMS.items() for n in one.networks])
def test_every_parameter_of_every_system_receives_a_gradient(system, name):
    inputs = frames() if SYSTEMS[system].form.front_end == "descriptors" else batch()
    assert without_gradient(SYSTEMS[system].build(name, dropout=0.1, seed=1), inputs) == set()


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_every_parameter_of_every_attention_receives_a_gradient(attention):
    network = Network({TASKS[0]: 3}, attention=attention, dropout=0.1).reset(1)
    assert without_gradient(network) == set()


@pytest.mark.parametrize(("front_end", "direction", "objective"), VARIANTS)
def test_every_parameter_of_every_variant_receives_a_gradient(front_end, direction, objective):
    form = Form(front_end, direction, objective)
    network = Network({TASKS[0]: 3}, attention="dot", dropout=0.1, form=form).reset(1, zero_output=True)
    assert without_gradient(network) == set()


def test_a_parameter_that_would_never_move_is_found():
    network = Network({TASKS[0]: 3}, attention="additive", dropout=0.0).reset(1)
    torch.nn.init.zeros_(network.branch(TASKS[0]).attention.projection.weight)
    torch.nn.init.zeros_(network.branch(TASKS[0]).attention.projection.bias)
    assert without_gradient(network) == {
        f"branches.{TASKS[0]}.attention.{name}" for name in ("vector", "projection.weight", "projection.bias")
    }


def test_one_seed_gives_one_network_and_another_seed_another():
    one, same, other = (SYSTEMS["mtl-att"].build("joint", dropout=0.1, seed=seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["front_end.convolution2.weight"], other["front_end.convolution2.weight"])
