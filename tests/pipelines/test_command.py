"""`attune pipeline` as people run it: what it prints, what it exits with, and that bad input is one message."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from kubeflow_server import TOKEN, Fault, Kubeflow, serving
from pinned import PINNED_OPTIONS
from workflows import Workflow

from attune.cli import main

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def attune(monkeypatch, capsys, tmp_path):
    """Run a command in an empty folder with a params.yaml; returns exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text("folds: [session1, session2]\nsystems: [mtl-att]\n")
    for name in ("KF_PIPELINES_ENDPOINT", "KF_PIPELINES_TOKEN", "KF_PIPELINES_COOKIE", "KF_PIPELINES_SA_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["attune", "pipeline", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err
        return ended.value.code, shown.out, shown.err

    return run


@pytest.fixture
def kubeflow(monkeypatch):
    with serving(Kubeflow(token=TOKEN, state_of=lambda look: "SUCCEEDED")) as server:
        monkeypatch.setenv("KF_PIPELINES_ENDPOINT", server.address)
        monkeypatch.setenv("KF_PIPELINES_TOKEN", TOKEN)
        yield server


def refused(attune, *arguments):
    code, _, err = attune(*arguments)
    assert code == 1
    assert err.startswith("error: ")
    return err


def test_compiling_writes_the_yaml_and_names_its_version(attune):
    code, out, _ = attune("compile", "--out", "new/training.yaml")
    assert code == 0
    assert out.startswith("attune-training ")
    assert "attune-cpu:local" in Path("new/training.yaml").read_text()


def test_compiling_for_a_cluster_refuses_images_that_may_move(attune):
    assert "is not pinned by digest" in refused(attune, "compile", "--cluster", "--out", "x.yaml")
    assert not Path("x.yaml").exists()
    assert attune("compile", "scoring", "--cluster", *PINNED_OPTIONS, "--out", "x.yaml")[0] == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["-S", "train.epoch=3"], "unknown parameter 'train.epoch'"),
        (["-S", "folds=[session9]"], "'session9' is not a fold of loso5"),
        (["--set", "train.gpus=3"], "unknown parameter 'train.gpus'"),
        (["--set", "train.gpu.count=many"], "train.gpu.count"),
        (["-S", "train.epochs"], "is not KEY=VALUE"),
        (["--params", "none.yaml"], "none.yaml: no such parameter file"),
        (["--settings", "none.yaml"], "none.yaml: no such settings file"),
    ],
)
def test_bad_input_is_one_message(attune, change, message):
    assert message in refused(attune, "compile", *change, "--out", "x.yaml")


def test_a_dry_run_shows_what_would_be_sent_and_needs_no_server(attune):
    changes = ["-S", "train.epochs=3", "-A", "gate={}", "--experiment", "lab", "--name", "one"]
    code, out, _ = attune("submit", *PINNED_OPTIONS, *changes, "--dry-run")
    assert code == 0
    shown = json.loads(out)
    assert (shown["pipeline"], shown["name"], shown["experiment"]) == ("attune-training", "one", "lab")
    assert shown["arguments"]["train"]["epochs"] == 3
    assert shown["arguments"]["gate"] == {}
    assert [cell["fold"] for cell in shown["arguments"]["cells"]] == ["session1", "session2"]


def test_submitting_follows_the_run_and_exits_with_how_it_ended(attune, kubeflow):
    code, out, _ = attune("submit", *PINNED_OPTIONS, "--name", "one")
    assert code == 0, out
    assert f"{kubeflow.address}/#/runs/details/run-0" in out
    assert "run: succeeded" in out
    kubeflow.state_of = lambda look: "FAILED"
    assert "run run-1 failed" in refused(attune, "submit", *PINNED_OPTIONS, "--name", "two")


def test_an_interrupt_ends_watching_and_not_the_run(attune, kubeflow, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("pipelines.runs.watching.wait", interrupted)
    code, _, err = attune("submit", *PINNED_OPTIONS, "--name", "one")
    assert (code, err) == (130, "no longer watching; the run continues: attune pipeline status run-0\n")
    assert kubeflow.terminated == []


def test_submitting_may_leave_at_once(attune, kubeflow):
    kubeflow.state_of = lambda look: "RUNNING"
    code, out, _ = attune("submit", "scoring", *PINNED_OPTIONS, "-A", "audio=/data/calls", "--no-wait")
    assert code == 0
    assert "run-0" in out
    assert kubeflow.runs[0].runtime_config.parameters["audio"] == "/data/calls"
    assert kubeflow.looks == {}
    again = attune("submit", "scoring", *PINNED_OPTIONS, "-A", "audio=/data/calls", "--no-wait", "--name", "one")[1]
    assert again.splitlines()[0] == "one: run run-1"
    again = attune("submit", "scoring", *PINNED_OPTIONS, "-A", "audio=/data/calls", "--no-wait", "--name", "one")[1]
    assert again.splitlines()[0] == "one: run run-1, which has this name already; no other was added"


def test_a_real_corpus_is_named_and_the_run_finds_its_version(attune, kubeflow):
    real = ["submit", *PINNED_OPTIONS, "-S", "corpus.kind=iemocap", "--data", "/data/IEMOCAP"]
    assert attune(*real)[0] == attune(*real, "--data-version", "2026-03")[0] == 0
    sent = [run.runtime_config.parameters for run in kubeflow.runs]
    assert [(one["root"], one["data_version"]) for one in sent] == [("/data/IEMOCAP", ""), ("/data/IEMOCAP", "2026-03")]
    by_argument = ["submit", *PINNED_OPTIONS, "-A", "corpus={kind: iemocap, root: /mine}", "--dry-run"]
    assert json.loads(attune(*by_argument)[1])["arguments"]["root"] == "/mine"
    assert json.loads(attune(*by_argument, "--data", "/other")[1])["arguments"]["root"] == "/other"
    assert "a synthetic corpus reads no data" in refused(attune, "submit", *PINNED_OPTIONS, "--data", "/data")


def test_it_is_compiled_for_the_server_there_is_or_the_one_that_is_named(attune, kubeflow):
    kubeflow.faults = [Fault("GET .*/healthz", status=200, body='{"tag_name": "2.16.0"}')]
    for more in ([], [], ["--backend", "2.17", "--no-cache"]):
        attune("submit", "scoring", *PINNED_OPTIONS, "-A", "audio=/data/calls", "--no-wait", *more)
    versions = [run.pipeline_version_reference.pipeline_version_id for run in kubeflow.runs]
    assert ["securityContext" in kubeflow.packages[version] for version in versions] == [True, False, True]


def test_nothing_is_submitted_with_images_that_may_move(attune, kubeflow):
    assert "is not pinned" in refused(attune, "submit")
    assert kubeflow.requests == []


def test_a_refused_token_and_a_missing_server_are_one_message(attune, kubeflow, monkeypatch):
    monkeypatch.setenv("KF_PIPELINES_TOKEN", "old")
    err = refused(attune, "status", "run-0")
    assert "refused (401" in err
    assert "Bearer" not in err
    monkeypatch.delenv("KF_PIPELINES_ENDPOINT")
    monkeypatch.delenv("KF_PIPELINES_TOKEN")
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", "none")
    assert "no Kubeflow Pipelines server is configured" in refused(attune, "status", "run-0")


def test_status_is_a_table_of_steps_and_cells(attune, kubeflow):
    flow = Workflow({"corpus": "cached", "validate": "done", "admit": "running"})
    kubeflow.tasks, kubeflow.state_of = flow.details, lambda look: "RUNNING"
    attune("submit", *PINNED_OPTIONS, "--no-wait", "--name", "one")
    code, out, _ = attune("status", "run-0")
    assert code == 0
    assert out.splitlines()[:2] == ["one: running", f"{kubeflow.address}/#/runs/details/run-0"]
    rows = {line.split()[0]: line for line in out.splitlines()[3:]}
    assert rows["corpus"].split() == ["corpus", "cached"]
    assert rows["admit"].split()[:3] == ["admit", "running", "since"]
    assert ["train", "mtl-att", "session2", "waiting"] in [line.split() for line in out.splitlines()]
    assert not {"None", "root", "executor(0)", "for-loop-2"} & set(out.split())
    shown = json.loads(attune("status", "run-0", "--json")[1])
    assert shown["state"] == "running"
    assert {"step": "validate", "cell": None, "state": "done"}.items() <= shown["tasks"][1].items()


def test_status_of_a_failed_run_says_why_and_its_log_is_that_of_the_failure(attune, kubeflow):
    flow = Workflow({"corpus": "failed", "close": "done"})
    kubeflow.tasks, kubeflow.state_of = flow.details, lambda look: "FAILED"
    kubeflow.logs = {flow.node("corpus"): "error: /nowhere: no such folder\n  Check it.\n"}
    attune("submit", *PINNED_OPTIONS, "--no-wait", "--name", "one")
    why = "corpus: /nowhere: no such folder (12 were skipped)"
    assert attune("status", "run-0")[1].startswith(f"one: failed: {why}\n")
    assert json.loads(attune("status", "run-0", "--json")[1])["reason"] == why
    assert why in refused(attune, "status", "run-0", "--wait")
    assert attune("logs", "run-0")[1] == "corpus | error: /nowhere: no such folder\ncorpus |   Check it.\n"
    assert "no task 'trains'" in refused(attune, "logs", "run-0", "trains")
    code, out, _ = attune("status", "run-0", "--wait", "--json")
    assert (code, json.loads(out)["reason"]) == (1, why)


def test_runs_are_listed_and_cancelled(attune, kubeflow):
    kubeflow.state_of = lambda look: "RUNNING"
    for name in ("one", "two"):
        attune("submit", *PINNED_OPTIONS, "--no-wait", "--name", name)
    listed = attune("list")[1].splitlines()
    assert [line.split()[-1] for line in listed] == ["two", "one"]
    assert listed[0].split()[2] == "UTC"
    assert json.loads(attune("list", "--json", "--limit", "1")[1])[0]["id"] == "run-1"
    assert "no experiment 'lab'" in refused(attune, "list", "--experiment", "lab")
    code, out, _ = attune("cancel", "run-0")
    assert (code, out.splitlines()[0]) == (0, "cancelling run-0")
    assert kubeflow.terminated == ["run-0"]
    kubeflow.state_of = lambda look: "SUCCEEDED"
    assert "has ended already: succeeded" in refused(attune, "cancel", "run-0")


def test_a_run_whose_start_and_name_are_not_told_is_listed_all_the_same(attune, kubeflow):
    kubeflow.faults = [Fault("GET .*/runs", status=200, body='{"runs": [{"run_id": "r", "state": "RUNNING"}]}')]
    assert attune("list")[1].split() == ["running", "r"]


def test_what_others_called_their_runs_steers_no_terminal(attune, kubeflow):
    kubeflow.state_of = lambda look: "RUNNING"
    attune("submit", *PINNED_OPTIONS, "--no-wait", "--name", "odd\x1b]0;gone\x07\u202e")
    attune("schedule", "create", *PINNED_OPTIONS, "--cron", "0 0 3 * * 1", "--name", "odd\x1b]0;gone\x07\u202e")
    pause = ("schedule", "pause", "recurring-0")
    for command in (("list",), ("status", "run-0"), ("status", "run-0", "--json"), pause, ("schedule", "list")):
        out = attune(*command)[1].replace("\\u001b", "\\x1b").replace("\\u0007", "\\x07")  # JSON's own way
        assert "odd\\x1b]0;gone\\x07\\u202e" in out
        assert "\x1b" not in out


def test_a_schedule_from_its_making_to_its_end(attune, kubeflow):
    create = ["schedule", "create", *PINNED_OPTIONS, "--name", "weekly", "--cron", "0 0 3 * * 1"]
    assert json.loads(attune(*create, "--dry-run")[1])["cron"] == "0 0 3 * * 1"
    assert kubeflow.requests == []
    assert "weekly  0 0 3 * * 1  enabled  recurring-0" in attune(*create)[1]
    assert attune("schedule", "pause", "weekly")[1] == "paused weekly (recurring-0)\n"
    assert "paused" in attune("schedule", "list")[1]
    assert attune("schedule", "resume", "weekly")[1] == "resumed weekly (recurring-0)\n"
    assert attune("schedule", "delete", "recurring-0")[1] == "deleted weekly (recurring-0)\n"
    assert attune("schedule", "list")[1] == ""


def test_where_there_are_several_users_a_namespace_is_asked_for_and_is_enough(attune, kubeflow):
    kubeflow.namespaces = {"mine"}
    scoring = ["scoring", *PINNED_OPTIONS, "-A", "audio=/data/calls", "--name", "one", "--namespace", "mine"]
    assert attune("schedule", "create", *scoring, "--cron", "0 0 3 * * 1")[0] == 0
    assert attune("submit", *scoring, "--no-wait")[0] == 0
    for command in (["list"], ["schedule", "list"]):
        assert "with --namespace" in refused(attune, *command)
        assert "one" in attune(*command, "--namespace", "mine")[1].split()
    assert attune("list", "--experiment", "attune", "--namespace", "mine")[1].split()[-1] == "one"
    assert "forbidden (403" in refused(attune, "list", "--namespace", "yours")


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (["-S", "corpus.kind=iemocap", "-S", "corpus.root=mine"], "root"),
        (["-S", "corpus.kind=iemocap", "--data", "mine"], "root"),
        (["scoring", "-A", "audio=mine"], "audio"),
    ],
)
def test_containers_see_the_data_of_this_folder(attune, monkeypatch, tmp_path, given, read):
    from pipelines import containers, local

    ran = []
    monkeypatch.setattr(containers, "engine", lambda: None)
    monkeypatch.setattr(containers, "image_id", lambda *_: "sha256:1")
    monkeypatch.setattr(local, "run", lambda _, arguments, place, __: ran.append((arguments[read], place.mounts)))
    assert "no such file or folder" in refused(attune, "run", *given)
    (tmp_path / "mine").mkdir()
    assert attune("run", *given)[0] == 0
    assert ran == [(str(tmp_path / "mine"), (tmp_path / "mine",))]


def test_an_engine_that_is_not_there_is_one_message(attune, monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    err = refused(attune, "run")
    assert "no container engine answers" in err
    assert "DOCKER_HOST" in err


def test_without_kfp_it_says_what_to_install(attune, monkeypatch):
    monkeypatch.setattr(sys.modules["attune.cli.pipelines.commands"], "find_spec", lambda name: None)
    assert "pip install 'attune-speech[pipelines]'" in refused(attune, "compile", "--out", "x.yaml")


def test_kfp_is_imported_only_when_it_is_needed():
    code = (
        "import sys, attune.cli; sys.exit(any(name in sys.modules for name in ('kfp', 'docker', 'torch', 'pipelines')))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=False).returncode == 0
