"""Front ends, directions, objectives: padding never counts, attention is over windows, a model comes back whole."""

from itertools import product

import numpy as np
import pytest
import torch

from attune.errors import AttuneError
from attune.model import bundle, predicting, probing
from attune.model.bundle import Description
from attune.model.form import Form
from attune.model.frames import nearest, spread
from attune.model.front_ends.strided import Strided
from attune.model.front_ends.windowed import Windowed
from attune.model.systems import named
from attune.model.windows import collate
from attune.signal import window_count
from attune.tasks import PAPER, TASKS, Task
from benchmarks import literal

pytestmark = pytest.mark.slow

FORMS = [
    Form("strided", "bidirectional", "values"),
    Form("paper-windowed", "forward", "both"),
    Form("paper", "bidirectional", "classes"),
]
LENGTHS = (3000, 100, 640, 9000, 1400)


def network(form, system="mtl-att"):
    """With biases and attention that are not zero, as after training, so that padding could count."""
    built = named(system, form=form).build("joint", dropout=0.0, seed=1).eval()
    generator = torch.Generator().manual_seed(1)
    for name, parameter in built.named_parameters():
        if "bias" in name or "attention" in name:
            torch.nn.init.normal_(parameter, std=0.3, generator=generator)
    return built


def noise(*lengths):
    return [np.random.default_rng(n).normal(0, 0.3, n).astype(np.float32) for n in lengths]


@pytest.mark.parametrize(("form", "system"), list(product(FORMS, ["mtl-att", "mtl"])))
def test_an_utterance_alone_gives_what_it_gives_in_a_batch(form, system):
    built = network(form, system)
    together = built(collate(noise(*LENGTHS), 0.0, 1.0))
    for row, wave in enumerate(noise(*LENGTHS)):
        alone = built(collate([wave], 0.0, 1.0))
        count = window_count(len(wave))
        for task in TASKS:
            torch.testing.assert_close(together[task].logits[row], alone[task].logits[0], rtol=1e-4, atol=1e-4)
            if form.objective != "classes":
                torch.testing.assert_close(together[task].value[row], alone[task].value[0], rtol=1e-4, atol=1e-4)
            if system == "mtl-att":
                weights = together[task].attention[row]
                torch.testing.assert_close(weights[:count], alone[task].attention[0, :count], rtol=1e-4, atol=1e-5)
                assert weights.sum().item() == pytest.approx(1, abs=1e-5)
                assert weights[count:].eq(0).all()


@pytest.mark.parametrize("form", FORMS)
def test_a_long_utterance_in_pieces_gives_what_it_gives_at_once(form):
    built, batch = network(form), collate(noise(9000), 0.0, 1.0)
    whole, pieces = predicting.outputs(built, batch), predicting.outputs(built, batch, chunk=12)
    for task in TASKS:
        torch.testing.assert_close(pieces[task].logits, whole[task].logits, rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(pieces[task].attention, whole[task].attention, rtol=1e-4, atol=1e-5)


@pytest.fixture(params=FORMS, scope="module")
def saved(request, tmp_path_factory):
    folder, form = tmp_path_factory.mktemp("model"), request.param
    tasks = (PAPER[0], PAPER[1], Task("dominance", ("no", "yes"), (0.0, 0.3, 1.0)))
    built = named("mtl-att", tasks, form).build("joint", dropout=0.0, seed=1)
    torch.nn.init.normal_(built.branch("arousal").attention.vector)
    values = {task.name: task.middles for task in tasks}
    about = Description("loso5", "mtl-att", "session1", 0.0, 1.0, values, 1, {"joint": 1}, tasks=tasks)
    bundle.save(folder, about, {"joint": built.weights()}, bundle.architecture("mtl-att", form))
    return folder, form, built.eval()


def test_a_saved_model_answers_as_the_network_did(saved):
    folder, form, built = saved
    (said,) = bundle.load(folder).predict(noise(3000))
    for task, output in built(collate(noise(3000), 0.0, 1.0)).items():
        expected = output.logits.softmax(1)[0].detach().numpy()
        np.testing.assert_allclose(said.probabilities[task], expected, atol=1e-5)
        low, high = (0, 1) if task == "dominance" else (1, 5)
        assert low <= said.scores[task] <= high
        if form.objective != "classes" and task != "dominance":
            assert said.scores[task] == pytest.approx(output.value.item(), abs=1e-4)
        assert len(said.attention[task]) == window_count(3000)


def test_what_is_looked_into_adds_up_to_the_answer(saved):
    (probes,) = probing.probe(bundle.load(saved[0]), noise(3000))
    for probe in probes.values():
        assert len(probe.evidence) == len(probe.weights) == window_count(3000)
        np.testing.assert_allclose(probe.weights @ probe.evidence, probe.logits, atol=1e-4)


def test_every_layer_can_be_drawn_anew(saved):
    model = bundle.load(saved[0])
    before = {name: parameter.clone() for name, parameter in model.networks["joint"].named_parameters()}
    drawn = list(probing.randomised(model, seed=1))
    convolutions = [layer for layer, _ in drawn if layer.endswith("convolution")]
    assert len(convolutions) == (3 if saved[1].front_end == "strided" else 2)
    assert convolutions[-1] == "first convolution"
    last = drawn[-1][1]
    untouched = {name for name, now in last.networks["joint"].named_parameters() if torch.equal(now, before[name])}
    assert not {name for name in untouched if "weight" in name}


def test_a_model_of_another_form_is_refused(saved, tmp_path):
    folder, form, built = saved
    other = form._replace(objective="classes" if form.objective != "classes" else "both")
    about = bundle.load(folder).description
    bundle.save(tmp_path, about, {"joint": built.weights()}, bundle.architecture("mtl-att", other))
    with pytest.raises(AttuneError, match="other weights than a mtl-att network has"):
        bundle.load(tmp_path)


def test_the_windowed_front_end_is_the_literal_one():
    front_end, waves = Windowed(0.0), torch.randn(2, 640 + 160 * 22, generator=torch.Generator().manual_seed(1))
    front_end.reset_parameters()
    expected = literal.windows(front_end, waves)
    torch.testing.assert_close(front_end(waves, torch.tensor([23, 23])), expected, rtol=1e-4, atol=1e-5)


def test_the_strided_front_end_has_the_published_shape():
    front_end = Strided(0.0)
    shapes = [tuple(parameter.shape) for name, parameter in front_end.named_parameters() if name.endswith("weight")]
    assert shapes == [(64, 1, 8), (128, 64, 6), (256, 128, 6)]
    assert front_end(torch.randn(1, 16_000), torch.tensor([97])).shape == (1, 25, 256)


def test_a_frame_stands_for_the_windows_nearest_to_it():
    windows, frames = 10, 3  # that start at windows 0, 4 and 8
    by_hand = [min(range(frames), key=lambda frame: (abs(4 * frame - window), -frame)) for window in range(windows)]
    assert nearest(torch.tensor([frames]), frames, 4)[0, :windows].tolist() == by_hand
    given = torch.tensor([[0.2, 0.5, 0.3]])
    found = spread(given, torch.tensor([windows]), 4)[0]
    for frame in range(frames):
        own = [found[window].item() for window in range(windows) if by_hand[window] == frame]
        assert own == pytest.approx([given[0, frame].item() / len(own)] * len(own))
