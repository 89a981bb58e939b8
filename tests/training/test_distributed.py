"""Processes that share a training run come to the result of one process, and end together where one is lost."""

import dataclasses
import os
import signal
from datetime import timedelta

import pytest
import torch
from processes import together
from toy_examples import job

from attune.errors import AttuneError
from attune.training import checkpoint, distributed, loop

pytestmark = pytest.mark.slow

CPU = torch.device("cpu")


def train(folder, settings):
    torch.set_num_threads(1)
    with distributed.together(CPU) as ranks:
        trained = loop.train(dataclasses.replace(job(**settings), ranks=ranks), folder / f"{ranks.rank}.checkpoint")
        torch.save((trained.weights, trained.history), folder / f"{ranks.rank}.result")


def results(folder):
    return [torch.load(path, weights_only=False) for path in sorted(folder.glob("*.result"))]


def test_two_processes_come_to_the_result_of_one_with_the_same_batches(tmp_path):
    train(tmp_path, {"dropout": 0.3, "epochs": 1})
    ((alone, epochs),) = results(tmp_path)
    (tmp_path / "0.checkpoint").unlink()
    assert [ended.code for ended in together(tmp_path / "said", train, tmp_path, {"dropout": 0.3, "epochs": 1})] == [
        0,
        0,
    ]
    first, second = results(tmp_path)
    for name, weight in first[0].items():
        assert torch.equal(weight, second[0][name])
        torch.testing.assert_close(weight, alone[name], rtol=2e-3, atol=2e-5)
    for one, other in zip(first[1], epochs, strict=True):
        assert one.train_loss == pytest.approx(other.train_loss, rel=1e-5)
        assert one.development_uar == other.development_uar


def gradients(folder, objective, sizes):
    folder.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    with distributed.together(CPU) as ranks:
        work = dataclasses.replace(job(dropout=0.3, gradient_clip=0.0, l2=1e-3, objective=objective), ranks=ranks)
        work.network.train()
        idle = torch.optim.SGD(work.network.parameters(), lr=0.0)
        for size in sizes:
            torch.manual_seed(size)
            loss = loop._step(work, idle, list(range(size)), loop._class_weights(work), 10**6)
            saved = [torch.tensor(loss), *(parameter.grad for parameter in work.network.parameters())]
            torch.save(saved, folder / f"{ranks.rank}.{size}")


@pytest.mark.parametrize(
    ("objective", "sizes"),
    [("classes", (7, 1)), ("both", (7, 2))],  # of one utterance, the second process has none
)
def test_gradients_are_those_of_the_whole_batch_to_the_last_digits(tmp_path, objective, sizes):
    """A concordance is one of the whole batch, however the batch is divided."""
    together(tmp_path / "said", gradients, tmp_path, objective, sizes)
    gradients(tmp_path / "alone", objective, sizes)
    for size in sizes:
        alone = torch.load(tmp_path / "alone" / f"0.{size}")
        for rank in (0, 1):
            for one, other in zip(torch.load(tmp_path / f"{rank}.{size}"), alone, strict=True):
                torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


def test_the_first_alone_writes_checkpoints_and_all_go_on_from_its_own(tmp_path):
    train(tmp_path, {"epochs": 1})
    together(tmp_path / "said", train, tmp_path, {"epochs": 2})
    first, second = results(tmp_path)
    assert first[1] == second[1]
    assert len(first[1]) == 2
    assert all(torch.equal(weight, second[0][name]) for name, weight in first[0].items())
    assert [path.name for path in tmp_path.glob("*.checkpoint")] == ["0.checkpoint"]
    assert len(checkpoint.read(tmp_path / "0.checkpoint", "this").history) == 2


def lose(rank):
    with distributed.together(CPU) as ranks:
        if ranks.rank == rank:
            os.kill(os.getpid(), signal.SIGKILL)
        ranks.add_up([torch.ones(3)])


@pytest.mark.parametrize("rank", [0, 1])
def test_where_one_is_lost_the_others_end_with_one_message(tmp_path, rank):
    ended = together(tmp_path, lose, rank, count=3)
    assert ended[rank].code == -signal.SIGKILL
    assert {one.code for one in ended} == {-signal.SIGKILL, 1}
    messages = [one.said for one in ended if "another process of this training run was lost" in one.said]
    assert len(messages) == 1
    assert "The same command resumes" in messages[0]


def refuse(who):
    distributed._FIRST_TO_SPEAK = timedelta(minutes=5)  # which a busy machine may take to let the first one notice
    with distributed.together(CPU) as ranks:
        if ranks.rank in who:
            raise AttuneError("the disk is full", where=f"node {ranks.rank}")
        ranks.add_up([torch.ones(3)])


@pytest.mark.parametrize("who", [(0, 1), (1,)])
def test_what_one_or_all_refuse_is_said_once_and_by_the_first(tmp_path, who):
    first, second = together(tmp_path, refuse, who)
    assert (first.code, second.code) == (1, 1)
    assert "the disk is full" in first.said
    assert second.said == ""


def test_without_torchrun_a_process_is_alone():
    with distributed.together(CPU) as ranks:
        assert ranks.first
        assert ranks.share([1, 2, 3]) == [1, 2, 3]
        assert ranks.from_first(lambda: 4) == 4
