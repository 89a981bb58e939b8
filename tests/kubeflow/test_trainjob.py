"""The launcher of a training run over several nodes, against Trainer's own schema, and for real with two nodes here."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import toy_partitions
import yaml
from ports import free_port
from safetensors.numpy import load_file
from trainer_cluster import Cluster, serving
from trainer_crds import RELEASES, faults

from attune.errors import AttuneError
from attune.kubeflow import kubernetes_api, nodes, train_job
from attune.kubeflow.trainer import Trainer
from attune.params import Params
from attune.steps import train
from attune.training.parting import LOST

ROOT = Path(__file__).parents[2]
SIZE = {
    **{"count": "2", "image": "attune-gpu@sha256:0", "runtime": "attune-training", "gpu_type": "nvidia.com/gpu"},
    **{"cpu": "4", "memory": "16Gi", "gpus": "0"},
}
POD = {"ATTUNE_LAUNCHER": "the-pod", "ATTUNE_LAUNCHER_UID": "1-2-3", "ATTUNE_PIPELINE_RUN": "run-0"}
PARAMS = Params.model_validate(
    {"compute": {"device": "cpu", "threads": 1}, "train": {"epochs": 1, "batch_size": 6, "dropout": 0.2}}
)


@pytest.fixture
def cell(tmp_path):
    """A cell's data, as a step finds it, and its options."""
    toy_partitions.write(tmp_path)
    options = {
        **{"--params": PARAMS.model_dump_json(by_alias=True), "--system": "mtl-att", "--fold": "session1"},
        **{"--validated": str(tmp_path / "validated"), "--store": str(tmp_path / "store")},
        **{"--features": str(tmp_path / "features")},
        **{"--checkpoints": str(tmp_path / "claim"), "--out": str(tmp_path / "model")},
    }
    return ["train", *(word for pair in options.items() for word in pair)]


@pytest.fixture
def launch(cell, tmp_path):
    """Run the launcher against a cluster."""
    mounted = tmp_path / "mounted"
    mounted.mkdir()

    def run(cluster, size=SIZE, environment=POD):
        with serving(cluster, mounted) as api:
            nodes.train(cell, train_job.parse(json.dumps(size)), Trainer(api), environment, look=0.05)

    return run


def wrote(cluster, name, content="model"):
    """A node 0 that has written its model where it was told to."""
    args = cluster.jobs[name]["spec"]["trainer"]["args"]
    folder = Path(args[args.index("--out") + 1])
    folder.mkdir(parents=True)
    (folder / "model.json").write_text(content)


def in_order(*works):
    """The first TrainJob fares as the first says, and so on."""
    return lambda cluster, name, number: works[number - 1](cluster, name)


def succeeds(cluster, name):
    cluster.pod(name, 0, "epoch 1\nepoch 2\n")
    wrote(cluster, name)
    cluster.complete(name)


def loses_a_node(cluster, name):
    cluster.pod(name, 0, f"epoch 1\nerror: {LOST} (Connection closed by peer)\n  The same command resumes.\n")
    cluster.fail(name)


def the_first_vanishes(cluster, name):
    cluster.pod(name, 0, "epoch 1\n")
    cluster.fail(name)


def refuses(cluster, name):
    cluster.pod(name, 0, "error: train.learning_rate: the loss is not a number\n  Lower it.\ntorch: traceback\n")
    cluster.fail(name)


def runs_out_of_memory(cluster, name):
    over = {"terminated": {"reason": "OOMKilled", "exitCode": 137}}
    cluster.pod(name, 0, f"error: {LOST} (Connection closed by peer)\n")
    cluster.pod(name, 1, phase="Failed", containerStatuses=[{"name": "node", "state": over}])
    cluster.fail(name)


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("gpus", ["0", "2"])
def test_every_release_of_trainer_takes_our_train_job(release, gpus):
    owner = {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u"}
    job = train_job.build("attune-a", train_job.parse(json.dumps(SIZE | {"gpus": gpus})), ["train"], owner, POD)
    assert faults(release, "trainjobs", job) == []
    assert faults(release, "trainjobs", job | {"spec": job["spec"] | {"nodes": 2}}) != []
    reserved = {"PET_NNODES", "PET_NPROC_PER_NODE", "PET_NODE_RANK", "PET_MASTER_ADDR", "PET_MASTER_PORT"}
    assert not reserved & {variable["name"] for variable in job["spec"]["trainer"]["env"]}


@pytest.mark.parametrize("release", RELEASES)
def test_every_release_of_trainer_takes_our_runtime(release):
    runtime = yaml.safe_load((ROOT / "deploy/trainer/runtime.yaml").read_text())
    assert faults(release, "trainingruntimes", runtime) == []


def test_a_train_job_is_called_by_run_and_cell_within_what_pods_may_be_called():
    names = {train_job.name(run, system, "session1") for run in "ab" for system in ("mtl-att", "MTL_Att!", "x" * 99)}
    assert len(names) == 6
    assert all(len(name) <= 40 and name == name.lower() and name[-1].isalnum() for name in names)
    assert train_job.name("a", "mtl-att", "session1").startswith("attune-mtl-att-session1-")


def test_the_model_comes_back_and_nothing_is_left_behind(launch, tmp_path, capsys):
    cluster = Cluster(in_order(succeeds))
    launch(cluster)
    assert (tmp_path / "model" / "model.json").read_text() == "model"
    assert [line for line in capsys.readouterr().out.splitlines() if "epoch" in line] == ["epoch 1", "epoch 2"]
    assert not cluster.jobs
    assert list((tmp_path / "claim" / "jobs").iterdir()) == []
    (made,) = cluster.made
    assert made["metadata"]["ownerReferences"][0]["name"] == "the-pod"
    assert {"name": "ATTUNE_PIPELINE_RUN", "value": "run-0"} in made["spec"]["trainer"]["env"]


@pytest.mark.parametrize("lost", [loses_a_node, the_first_vanishes])
def test_a_lost_node_begins_all_of_them_again(launch, lost, capsys):
    cluster = Cluster(in_order(lost, lost, succeeds))
    launch(cluster)
    assert len(cluster.made) == 3
    assert "restarting from the last checkpoint, 2 of 5" in capsys.readouterr().err


def test_nodes_that_are_always_lost_end_after_bounded_tries(launch):
    cluster = Cluster(in_order(*[loses_a_node] * 9))
    with pytest.raises(AttuneError, match="nodes were lost too often"):
        launch(cluster)
    assert len(cluster.made) == nodes.AGAIN + 1


@pytest.mark.parametrize(
    ("fate", "message"),
    [(refuses, r"the loss is not a number\n  Lower it\."), (runs_out_of_memory, "OOMKilled")],
)
def test_what_another_try_does_not_change_ends_with_its_message(launch, fate, message):
    cluster = Cluster(in_order(fate))
    with pytest.raises(AttuneError, match=message):
        launch(cluster)
    assert len(cluster.made) == 1


def test_the_train_job_of_a_lost_launcher_is_taken_over(launch, tmp_path):
    cluster = Cluster(in_order(lambda cluster, name: None))
    owner = {"apiVersion": "v1", "kind": "Pod", "name": "a-lost-pod", "uid": "0"}
    name = train_job.name("run-0", "mtl-att", "session1")
    model = str(tmp_path / "claim" / "jobs" / name / "model")
    cluster.jobs[name] = train_job.build(name, train_job.parse(json.dumps(SIZE)), ["train", "--out", model], owner, POD)
    threading.Timer(0.5, lambda: succeeds(cluster, name)).start()
    launch(cluster)
    assert cluster.made == []
    assert cluster.patched == [{"metadata": {"ownerReferences": [owner | {"name": "the-pod", "uid": "1-2-3"}]}}]


class Collecting(Cluster):
    """A cluster that removes a lost pod's TrainJob at the moment at which another pod adopts it."""

    def _job(self, method, name, body):
        if method == "PATCH":
            self.jobs.pop(name, None)
        return super()._job(method, name, body)


def test_one_that_goes_with_its_lost_launcher_while_it_is_taken_over_is_made_anew(launch):
    cluster = Collecting(in_order(succeeds))
    owner = {"apiVersion": "v1", "kind": "Pod", "name": "a-lost-pod", "uid": "0"}
    name = train_job.name("run-0", "mtl-att", "session1")
    cluster.jobs[name] = train_job.build(name, train_job.parse(json.dumps(SIZE)), ["train"], owner, POD)
    launch(cluster)
    assert len(cluster.made) == 1


def test_one_that_failed_before_is_made_anew(launch):
    cluster = Cluster(in_order(succeeds))
    name = train_job.name("run-0", "mtl-att", "session1")
    cluster.jobs[name] = train_job.build(name, train_job.parse(json.dumps(SIZE)), ["train"], {}, POD)
    cluster.jobs[name]["metadata"].pop("ownerReferences")
    cluster.fail(name)
    launch(cluster)
    assert len(cluster.made) == 1


def test_whoever_ends_the_launcher_ends_the_nodes(launch):
    def told(cluster, name):
        cluster.pod(name, 0, "epoch 1\n")
        os.kill(os.getpid(), signal.SIGTERM)

    cluster = Cluster(in_order(told))
    with pytest.raises(SystemExit) as ended:
        launch(cluster)
    assert ended.value.code == 143
    assert len(cluster.deleted) == 1


def test_what_keeps_a_node_waiting_is_told_once(launch, capsys):
    why = {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": "0/3: Insufficient gpu",
    }

    def waits(cluster, name):
        cluster.pod(name, 0, phase="Pending", conditions=[why])
        threading.Timer(0.5, lambda: succeeds(cluster, name)).start()

    launch(Cluster(in_order(waits)))
    assert capsys.readouterr().err.count("Unschedulable: 0/3: Insufficient gpu") == 1


def test_a_cluster_without_trainer_and_a_process_that_is_no_pod_are_one_message_each(launch, tmp_path):
    with pytest.raises(AttuneError, match=r"has no TrainJobs(.|\n)*deploy/trainer"):
        launch(Cluster(installed=False))
    with pytest.raises(AttuneError, match="not a pod with a token"):
        kubernetes_api.around_us({}, tmp_path)


def test_what_kubernetes_refuses_is_told_in_its_words(launch):
    with pytest.raises(AttuneError, match=r"Kubernetes says: .*memory"):
        launch(Cluster(), SIZE | {"memory": "lots"})


def as_trainer_does(cluster, name):
    """Start the command on every node, with the variables that Trainer's torch plugin sets."""
    trainer = cluster.jobs[name]["spec"]["trainer"]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    common = {"PET_NNODES": str(trainer["numNodes"]), "PET_NPROC_PER_NODE": "4", "PET_MASTER_ADDR": "127.0.0.1"}
    common |= {"PET_MASTER_PORT": str(free_port()), "PATH": path, "ATTUNE_TRACKING": "off", "OMP_NUM_THREADS": "1"}
    common |= {variable["name"]: variable["value"] for variable in trainer["env"]}
    started = [
        subprocess.Popen(
            [*trainer["command"], *trainer["args"]],
            env=os.environ | common | {"PET_NODE_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(trainer["numNodes"])
    ]
    for rank, process in enumerate(started):
        cluster.pod(name, rank, process.communicate(timeout=900)[0])
    cluster.complete(name) if not any(process.returncode for process in started) else cluster.fail(name)


@pytest.mark.slow
def test_two_nodes_train_the_model_that_one_process_trains(launch, tmp_path, capsys):
    cluster = Cluster(in_order(as_trainer_does))
    launch(cluster)
    said = capsys.readouterr().out
    assert said.count("epoch 1/1") == 1, said
    train.run(
        PARAMS,
        **{"system": "mtl-att", "fold": "session1", "checkpoints": tmp_path / "alone"},
        **{
            "validated": tmp_path / "validated",
            "store": tmp_path / "store",
            "features": tmp_path / "none",
            "out": tmp_path / "alone-model",
        },
    )
    ours, alone = (load_file(tmp_path / folder / "model.safetensors") for folder in ("model", "alone-model"))
    assert ours.keys() == alone.keys()
    for name, weights in alone.items():
        np.testing.assert_allclose(ours[name], weights, rtol=2e-3, atol=2e-5)
