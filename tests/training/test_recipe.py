"""What training does beyond the paper, each part against something independent."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from toy_examples import MEAN, STD, examples, job

from attune import params
from attune.errors import AttuneError
from attune.model.inputs import Waves
from attune.model.systems import named
from attune.model.windows import collate
from attune.params import Train
from attune.tasks import TASKS, Task
from attune.training import loop, rates
from attune.training.averaging import Average
from attune.training.standardising import standardise

pytestmark = pytest.mark.slow

PAPER = {"standardise": False, "attention_rate": 1.0, "zero_output": False, "warm_up": 0.0, "average": 0.0}


def network(**more):
    return named("mtl-att").build("joint", dropout=0.0, seed=1, **more)


def standardised():
    """A network, and the features it gives for its own training utterances."""
    built, training = network(), examples(6)
    standardise(built, training, inputs=Waves(MEAN, STD), max_seconds=1.0, device=torch.device("cpu"))
    return built, training


def features(built, training):
    batches = [collate([training.waveform(name)], MEAN, STD) for name in training.utterances]
    return torch.cat([built.front_end.features(*batch)[:, 0] for batch in batches], 1)


def test_each_channel_has_mean_0_and_deviation_1_over_the_training_utterances():
    values = features(*standardised()).double()
    torch.testing.assert_close(values.mean(1), torch.zeros(4).double(), atol=1e-4, rtol=0)
    torch.testing.assert_close(values.std(1, correction=0), torch.ones(4).double(), atol=1e-4, rtol=0)


def test_the_saved_weights_are_a_network_without_standardisation_that_answers_the_same():
    built, training = standardised()
    plain = network().eval()
    plain.load_state_dict(built.weights())
    batch = collate([training.waveform(name) for name in training.utterances], MEAN, STD)
    for task in TASKS:
        ours, theirs = built.eval()(batch)[task], plain(batch)[task]
        torch.testing.assert_close(theirs.logits, ours.logits, rtol=1e-4, atol=1e-5)


def test_a_silent_channel_is_left_as_it_is():
    built = network()
    torch.nn.init.zeros_(built.front_end.convolution2.weight)
    standardise(built, examples(3), inputs=Waves(MEAN, STD), max_seconds=1.0, device=torch.device("cpu"))
    assert torch.isfinite(features(built, examples(3))).all()


def test_training_begins_at_a_uniform_guess_where_output_layers_begin_at_zero():
    batch = collate([examples(1).waveform("utterance1-0")], MEAN, STD)
    for output in network(zero_output=True)(batch).values():
        torch.testing.assert_close(output.logits, torch.zeros(1, 3))


def test_the_attentions_parameters_alone_learn_at_their_own_rate():
    built = network()
    optimiser = rates.adam(built, Train(learning_rate=0.001, attention_rate=20.0))
    rate = {id(p): group["lr"] for group in optimiser.param_groups for p in group["params"]}
    found = {name: rate[id(parameter)] for name, parameter in built.named_parameters()}
    assert {name for name, own in found.items() if own == pytest.approx(0.02)} == {
        f"branches.{task}.attention.vector" for task in TASKS
    }
    assert set(found.values()) == {0.001, 0.02}


@pytest.mark.parametrize("task", ["attention", "encoder"])
def test_a_task_named_like_a_part_of_the_network_learns_as_any_other(task):
    built = named("mtl-att", (Task(task),)).build("joint", dropout=0.0, seed=1)
    common, own = rates.adam(built, Train(learning_rate=0.001, attention_rate=20.0)).param_groups
    assert (common["lr"], own["lr"]) == (0.001, 0.02)
    assert own["params"] == [built.branch(task).attention.vector]


def test_the_rate_rises_evenly_over_the_warm_up_and_stays():
    optimiser = rates.adam(network(), Train(learning_rate=0.1, attention_rate=1.0))
    seen = []
    for step in range(1, 7):
        rates.set_rates(optimiser, step=step, warm_up=4)
        seen.append(optimiser.param_groups[0]["lr"])
    assert seen == pytest.approx([0.025, 0.05, 0.075, 0.1, 0.1, 0.1])


def test_the_average_is_the_exponential_one_written_out():
    built = torch.nn.Linear(1, 1)
    average = Average(built, 0.9)
    expected = built.weight.item()
    for step in range(1, 120):
        torch.nn.init.constant_(built.weight, float(np.sin(step)))
        average.step(step)
        kept = min(0.9, (1 + step) / (10 + step))
        expected = kept * expected + (1 - kept) * float(np.sin(step))
    assert average.network.weight.item() == pytest.approx(expected, rel=1e-4)


def test_without_averaging_what_is_kept_is_where_the_last_step_ended(tmp_path):
    work = job(epochs=1, average=0.0, standardise=False)
    trained = loop.train(work, tmp_path / "c")
    assert all(torch.equal(tensor, work.network.state_dict()[name]) for name, tensor in trained.weights.items())


@pytest.mark.parametrize("setting", PAPER)
def test_each_part_changes_what_training_ends_with(tmp_path, setting):
    whole = loop.train(job(epochs=1), tmp_path / "whole")
    without = loop.train(job(epochs=1, **{setting: PAPER[setting]}), tmp_path / "without")
    assert any(not torch.equal(whole.weights[name], without.weights[name]) for name in whole.weights)


def test_the_papers_recipe_resumes_to_the_same_bytes(tmp_path):
    whole = loop.train(job(epochs=2, **PAPER), tmp_path / "whole")
    first = job(epochs=2, **PAPER)
    loop.train(dataclasses.replace(first, settings=first.settings.model_copy(update={"epochs": 1})), tmp_path / "c")
    resumed = loop.train(job(epochs=2, **PAPER), tmp_path / "c")
    assert all(torch.equal(whole.weights[name], resumed.weights[name]) for name in whole.weights)


def test_the_paper_is_one_switch_away():
    paper = params.load('{"train": "paper"}').train
    assert paper == Train.model_validate({"recipe": "paper"}) == Train(learning_rate=1e-4, **PAPER)


def test_what_the_paper_leaves_open_can_be_chosen_beside_it():
    assert Train.model_validate({"recipe": "paper", "seed": 3, "epochs": 50}) == Train(
        learning_rate=1e-4, seed=3, epochs=50, **PAPER
    )


def test_a_part_of_what_the_recipe_has_can_be_repeated_beside_it():
    assert Train.model_validate({"recipe": "paper", "augment": {"noise": 0}}) == Train(learning_rate=1e-4, **PAPER)


@pytest.mark.parametrize(
    ("train", "said"),
    [
        ("papers", "no recipe is called 'papers'; there are tuned, paper"),
        ({"recipe": 3}, "no recipe is called 3"),
        ({"recipe": "paper", "augment": {"noise": 0.5}}, "train.augment: {'noise': 0.5} contradicts the recipe"),
        ({"max_seconds": 0.03}, "train.max_seconds"),
        ({"recipe": "paper", "average": 0.9}, "train.average: 0.9 contradicts the recipe 'paper', which has 0.0"),
    ],
)
def test_a_recipe_that_is_not_there_or_is_contradicted_is_refused(train, said):
    with pytest.raises(AttuneError) as error:
        params.load(json.dumps({"train": train}))
    assert said in str(error.value)
