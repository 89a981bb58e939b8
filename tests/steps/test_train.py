"""The step `train`: whole outputs, the same bytes, whatever interrupts it."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import forged
import numpy as np
import pandas as pd
import pytest
import toy_partitions

from attune.errors import AttuneError
from attune.model import bundle
from attune.params import Params
from attune.steps import train
from attune.tasks import TASKS, Task
from attune.training import loop, shared
from attune.waveform.store import Store

pytestmark = pytest.mark.slow

PARAMS = Params.model_validate(
    {"compute": {"device": "cpu", "threads": 1}, "train": {"epochs": 3, "patience": 3, "batch_size": 6}}
)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    toy_partitions.write(folder)
    return folder


def run(data, folder, params=PARAMS, *, system="mtl-att", fold="session1"):
    train.run(
        params,
        system=system,
        fold=fold,
        validated=data / "validated",
        store=data / "store",
        features=data / "features",
        checkpoints=folder / "checkpoints",
        out=folder / "model",
    )
    return files(folder / "model")


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    return folder, run(data, folder)


def test_the_output_is_a_model_that_loads_and_its_history(trained):
    folder, _ = trained
    model = bundle.load(folder / "model")
    assert (model.description.system, model.description.fold, model.description.protocol) == (
        "mtl-att",
        "session1",
        "loso5",
    )
    history = pd.read_csv(folder / "model" / "history.csv")
    assert history["epoch"].tolist() == [1, 2, 3]
    uar = history[[f"development_uar_{task}" for task in TASKS]]
    np.testing.assert_allclose(history["development_uar"], uar.mean(axis=1))
    assert model.description.best_epoch == {"joint": history["development_uar"].idxmax() + 1}


def test_standardisation_and_class_values_come_from_the_training_partition(data, trained):
    description = bundle.load(trained[0] / "model").description
    utterances = pd.read_parquet(data / "validated" / "utterances.parquet")
    own = utterances[utterances["session"].isin([3, 4, 5])]
    samples = np.concatenate([Store(data / "store")[name].astype(np.float64) for name in own["utterance"]])
    assert description.mean == pytest.approx(samples.mean())
    assert description.std == pytest.approx(samples.std())
    for task in TASKS:
        ratings = own[task]
        expected = [ratings[ratings <= 2], ratings[(ratings > 2) & (ratings < 4)], ratings[ratings >= 4]]
        assert description.class_values[task] == pytest.approx([part.mean() for part in expected])


def test_a_class_that_nobody_has_counts_as_the_middle_of_its_range():
    assert train._class_values(Task("arousal"), pd.Series([2.5, 3.5])) == [1.5, 3.0, 4.5]


def test_the_same_inputs_give_the_same_bytes(data, trained, tmp_path):
    assert run(data, tmp_path) == trained[1]


def test_no_checkpoint_is_left_once_the_output_is_whole(trained):
    assert not list((trained[0] / "checkpoints").rglob("*.checkpoint"))


def test_a_single_task_system_is_three_networks_each_stopped_by_itself(data, tmp_path):
    run(data, tmp_path, system="stl")
    history = pd.read_csv(tmp_path / "model" / "history.csv")
    assert history["network"].unique().tolist() == list(TASKS)
    for network, own in history.groupby("network"):
        np.testing.assert_array_equal(own["development_uar"], own[f"development_uar_{network}"])
        assert own[[f"development_uar_{task}" for task in TASKS if task != network]].isna().all(axis=None)
    assert bundle.load(tmp_path / "model").description.best_epoch.keys() == set(TASKS)


KILLED = """
import os, signal, sys
from attune.cli import app
from attune.training import loop
left, train = int(sys.argv.pop(1)), loop._train_epoch
def killed(*arguments):
    global left
    left -= 1
    return train(*arguments) if left >= 0 else os.kill(os.getpid(), signal.SIGKILL)
loop._train_epoch = killed
app()
"""


@pytest.mark.parametrize("epochs_before_the_kill", [0, 1, 2])
def test_killed_at_any_time_it_resumes_to_the_same_bytes(data, trained, tmp_path, capfd, epochs_before_the_kill):
    arguments = ["train", "--params", PARAMS.model_dump_json(by_alias=True), "--system", "mtl-att"]
    arguments += ["--fold", "session1", "--validated", data / "validated", "--store", data / "store"]
    arguments += ["--checkpoints", tmp_path / "checkpoints", "--out", tmp_path / "model"]
    command = [sys.executable, "-c", KILLED, str(epochs_before_the_kill), *arguments]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert not (tmp_path / "model").exists()
    assert run(data, tmp_path) == trained[1]
    said = capfd.readouterr().err
    assert ("resuming after epoch" in said) == (epochs_before_the_kill > 0), said
    assert not list((tmp_path / "checkpoints").rglob("*.checkpoint"))


def test_the_keyboard_stops_it_with_one_message_and_it_goes_on_from_there(data, trained, tmp_path, monkeypatch):
    develop = loop._develop

    def interrupted(job, network, number, train_loss):
        if number == 2:
            raise KeyboardInterrupt
        return develop(job, network, number, train_loss)

    monkeypatch.setattr(loop, "_develop", interrupted)
    with pytest.raises(AttuneError, match=r"mtl-att session1: interrupted \(Ctrl-C\)\n.*same command"):
        run(data, tmp_path)
    monkeypatch.undo()
    assert len(list((tmp_path / "checkpoints").rglob("*.checkpoint"))) == 1
    assert run(data, tmp_path) == trained[1]


def test_a_checkpoint_of_other_parameters_is_never_used(data, trained, tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    other = PARAMS.model_copy(update={"train": PARAMS.train.model_copy(update={"learning_rate": 0.1})})
    monkeypatch.setattr(train, "_table", stop)
    with pytest.raises(KeyboardInterrupt):
        run(data, tmp_path, other)
    monkeypatch.undo()
    assert list((tmp_path / "checkpoints").rglob("*.checkpoint"))
    assert run(data, tmp_path) == trained[1]


def test_one_that_ends_leaves_the_checkpoints_of_another_that_trains_the_same(data, trained, tmp_path, monkeypatch):
    others, really = [], train._train

    def beside_another(jobs, tasks, title, folder, record):
        others.append((folder, shared.enter(folder)))
        return really(jobs, tasks, title, folder, record)

    monkeypatch.setattr(train, "_train", beside_another)
    assert run(data, tmp_path) == trained[1]
    ((folder, lock),) = others
    assert (folder / "joint.checkpoint").exists()
    shared.leave(folder, lock)
    assert list(folder.parent.iterdir()) == []


def test_a_failed_training_leaves_the_former_output_alone(data, tmp_path, monkeypatch):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.json").write_text("{}")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(train.bundle, "save", full)
    with pytest.raises(OSError, match="No space"):
        run(data, tmp_path, PARAMS.model_copy(update={"train": PARAMS.train.model_copy(update={"epochs": 1})}))
    assert files(tmp_path / "model") == {"model.json": b"{}"}


def test_progress_is_one_plain_line_per_epoch_away_from_a_terminal(data, tmp_path, capfd):
    run(data, tmp_path, PARAMS.model_copy(update={"train": PARAMS.train.model_copy(update={"epochs": 2})}))
    lines = [line for line in capfd.readouterr().err.splitlines() if "epoch" in line]
    assert len(lines) == 2
    assert "mtl-att session1 joint  epoch 1/2" in lines[0]
    assert "s audio/s" in lines[0]
    assert "\x1b" not in "".join(lines)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"system": "mtl+att"}, "no system is called 'mtl\\+att'"),
        ({"fold": "session6"}, "'session6' is not a fold of loso5"),
        ({"fold": "Ses01F"}, "'Ses01F' is not a fold of loso5"),
    ],
)
def test_an_unknown_system_or_fold_is_refused(data, tmp_path, change, message):
    with pytest.raises(AttuneError, match=message):
        run(data, tmp_path, **change)
    assert not (tmp_path / "model").exists()


def test_missing_inputs_are_named(data, tmp_path):
    (tmp_path / "store").mkdir()
    with pytest.raises(AttuneError, match=r"utterances\.parquet: no such file"):
        run(tmp_path, tmp_path)
    (tmp_path / "validated").mkdir()
    forged.text(tmp_path / "validated" / "utterances.parquet", "not parquet")
    with pytest.raises(AttuneError, match=r"utterances\.parquet: cannot be read"):
        run(tmp_path, tmp_path)


def test_a_store_at_another_rate_is_refused(tmp_path):
    toy_partitions.write(tmp_path, sample_rate=8000)
    with pytest.raises(AttuneError, match=r"contains audio at 8000 Hz(.|\n)*preprocess\.sample_rate"):
        run(tmp_path, tmp_path)


def test_the_model_file_says_nothing_of_time_or_place(trained):
    record = json.loads(trained[1]["model.json"])
    assert not {"time", "date", "host", "path"} & set(record)
