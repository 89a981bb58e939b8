"""The loop learns, stops, resumes to the same bytes, and says what went wrong."""

import dataclasses

import numpy as np
import pytest
import torch
from toy_examples import MEAN, STD, job

from attune.errors import AttuneError
from attune.model.inputs import Waves
from attune.model.windows import collate
from attune.params import Augment, TaskWeights
from attune.tasks import TASKS
from attune.training import checkpoint, loop

pytestmark = pytest.mark.slow


class StopHereError(Exception):
    pass


def same(one: loop.Trained, other: loop.Trained) -> bool:
    weights = all(torch.equal(one.weights[name], other.weights[name]) for name in one.weights)
    return weights and one.history == other.history


def test_it_learns_what_can_be_learnt(tmp_path):
    work = job(epochs=10, patience=10, learning_rate=0.002)
    trained = loop.train(dataclasses.replace(work, development=work.training), tmp_path / "c")
    assert trained.history[-1].train_loss < 0.7 * trained.history[0].train_loss
    assert max(epoch.mean_uar for epoch in trained.history) > 0.7


@pytest.mark.parametrize("objective", ["values", "both"])
def test_ratings_are_learnt_where_they_are_the_objective(tmp_path, objective):
    work = job(epochs=10, patience=10, learning_rate=0.002, objective=objective, front_end="strided")
    trained = loop.train(dataclasses.replace(work, development=work.training), tmp_path / "c")
    assert trained.history[-1].train_loss < 0.8 * trained.history[0].train_loss
    network = work.network.eval()
    network.load_state_dict(trained.weights)
    batch = collate([work.training.waveform(name) for name in work.training.utterances], MEAN, STD)
    found = {task: output.value.detach().numpy() for task, output in network(batch).items()}
    follows = [np.corrcoef(own, work.training.ratings[task])[0, 1] for task, own in found.items()]
    assert np.mean(follows) > 0.4, follows


def test_the_recorded_development_score_is_that_of_the_returned_weights(tmp_path):
    work = job(epochs=3)
    trained = loop.train(work, tmp_path / "c")
    fresh = job(epochs=3).network.eval()
    fresh.load_state_dict(trained.weights)
    scores = []
    for task in TASKS:
        hits = [[], [], []]
        for row, name in enumerate(work.development.utterances):
            logits = fresh(collate([work.development.waveform(name)], MEAN, STD))[task].logits[0]
            actual = int(work.development.classes[task][row])
            hits[actual].append(int(logits.argmax()) == actual)
        scores.append(np.mean([np.mean(own) for own in hits if own]))
    assert max(epoch.mean_uar for epoch in trained.history) == pytest.approx(np.mean(scores))


def test_the_same_job_gives_the_same_bytes_and_another_seed_others(tmp_path):
    one, again, other = (loop.train(job(epochs=1, seed=s), tmp_path / str(n)) for n, s in enumerate((1, 1, 2)))
    assert same(one, again)
    assert not same(one, other)


EVERY_KIND = Augment(level=6.0, noise=0.5, speed=0.1, room=0.5)


@pytest.mark.parametrize(("epoch", "augment"), [(1, EVERY_KIND), (2, Augment())])
def test_a_training_interrupted_within_an_epoch_resumes_to_the_same_bytes(tmp_path, epoch, augment):
    settings = {"epochs": 3, "patience": 3, "augment": augment}
    whole = loop.train(job(**settings), tmp_path / "whole")

    def interrupt(progress):
        if progress.epoch == epoch + 1 and progress.batch == 2:
            raise StopHereError

    with pytest.raises(StopHereError):
        loop.train(job(**settings), tmp_path / "c", on_batch=interrupt)
    told, notices = [], []
    resumed = loop.train(job(**settings), tmp_path / "c", on_epoch=told.append, on_notice=notices.append)
    assert same(resumed, whole)
    assert told == whole.history
    assert f"resuming after epoch {epoch}" in notices[0]


def test_a_finished_checkpoint_trains_no_further(tmp_path):
    first = loop.train(job(epochs=1), tmp_path / "c")

    def never(_):
        raise StopHereError

    assert same(loop.train(job(epochs=1), tmp_path / "c", on_batch=never), first)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "damaged"),
        (lambda path: checkpoint.write(path, checkpoint.read(path, "this"), "that"), "made from other data"),
    ],
)
def test_a_checkpoint_that_cannot_be_used_is_named_and_training_starts_anew(tmp_path, spoil, reason):
    path = tmp_path / "c"
    whole = loop.train(job(epochs=1), path)
    spoil(path)
    notices = []
    assert same(loop.train(job(epochs=1), path, on_notice=notices.append), whole)
    assert reason in notices[0]
    assert "starts from scratch" in notices[0]


def test_it_stops_when_the_development_score_has_not_risen_for_as_long_as_patience(tmp_path):
    trained = loop.train(job(epochs=9, patience=1, learning_rate=1e-12), tmp_path / "c")
    assert len(trained.history) == 2


def test_every_batch_is_reported_with_its_audio(tmp_path):
    seen = []
    work = job(epochs=1, max_seconds=0.06)
    loop.train(work, tmp_path / "c", on_batch=seen.append)
    assert [(p.epoch, p.batch, p.batches) for p in seen] == [(1, 1, 3), (1, 2, 3), (1, 3, 3)]
    assert sum(p.audio_seconds for p in seen) == pytest.approx(sum(min(n, 960) for n in work.training.samples) / 16_000)
    assert seen[-1].loss == loop.train(work, tmp_path / "c").history[0].train_loss


def test_long_utterances_are_cut_in_training_only(tmp_path):
    work = job(epochs=1)
    beginnings = dataclasses.replace(work.training, waveform=lambda name: work.training.waveform(name)[:960])
    by_hand = loop.train(dataclasses.replace(work, training=beginnings), tmp_path / "1")
    assert same(loop.train(job(epochs=1, max_seconds=0.06), tmp_path / "2"), by_hand)
    assert not same(loop.train(job(epochs=1), tmp_path / "3"), by_hand)


def test_a_task_of_weight_zero_does_not_train_its_branch(tmp_path):
    work = job(epochs=1, task_weights=TaskWeights(arousal=0.0), standardise=False)
    before = {name: tensor.clone() for name, tensor in work.network.state_dict().items()}
    after = loop.train(work, tmp_path / "c").weights
    changed = {
        name.split(".")[1] for name in after if "branches" in name and not torch.equal(before[name], after[name])
    }
    assert changed == {"valence", "dominance"}


def test_the_l2_term_shrinks_the_weights(tmp_path):
    norms = [
        sum(t.square().sum() for n, t in loop.train(job(epochs=1, l2=l2), tmp_path / str(l2)).weights.items())
        for l2 in (0.0, 0.1)
    ]
    assert norms[1] < norms[0]


def test_a_loss_that_is_not_a_number_names_the_learning_rate(tmp_path):
    work = job(epochs=1)
    silent = dataclasses.replace(work, inputs=Waves(0.0, float("nan")))
    with pytest.raises(AttuneError, match=r"train\.learning_rate: the loss of joint is no longer a number(.|\n)*Lower"):
        loop.train(silent, tmp_path / "c")
    assert not (tmp_path / "c").exists()


def test_too_little_cuda_memory_names_the_batch_size(tmp_path, monkeypatch):
    work = job(epochs=1)

    def full(*_):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(work.network, "decide", full)
    with pytest.raises(AttuneError, match=r"train\.batch_size: (.|\n)*Lower train\.batch_size"):
        loop.train(work, tmp_path / "c")


def test_a_single_task_network_is_scored_on_its_task_only(tmp_path):
    trained = loop.train(job(system="stl", network="valence", epochs=1), tmp_path / "c")
    assert list(trained.history[0].development_uar) == ["valence"]
