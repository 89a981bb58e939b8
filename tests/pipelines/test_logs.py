"""What containers said, from wherever it still is."""

import pytest
from followed import running
from kubeflow_server import Fault
from kubernetes_api import Kubernetes
from workflows import Workflow, everything

from attune.errors import AttuneError
from pipelines.runs import logs

FLOW = Workflow(everything("done") | {"train 1": "failed"}, {"train 1": 2})
KLOG = "I1127 01:05:57.239313      15 main.go:67] launching"


def said(text):
    return f"{KLOG}\n{text}\n{KLOG}\n"


@pytest.fixture
def read(compiled, tmp_path):
    def lines(*words, raw=False, follow=False, **kubeflow):
        state = kubeflow.pop("state", "FAILED")
        given = {"tasks": FLOW.details, "state_of": lambda _: state, **kubeflow}
        with running(compiled["scoring"], tmp_path, **given) as (_, server, run):
            return [tuple(line) for line in logs.lines(server, run, words, raw=raw, follow=follow)]

    return lines


def test_a_pod_that_is_there_is_read_through_the_server_by_node_id(read):
    assert read("corpus", logs={FLOW.node("corpus"): said("60 utterances")}) == [("corpus", "60 utterances")]


def test_a_pod_that_is_gone_is_read_from_the_archive(read):
    assert read("corpus", archived={FLOW.node("corpus"): said("60 utterances")}) == [("corpus", "60 utterances")]


def test_a_pod_of_which_nothing_is_left_is_one_line(read):
    ((task, text),) = read("corpus")
    assert task == "corpus"
    assert text == "(no log: the pod has not begun or is gone, and no log is archived)"


def test_a_cell_is_named_and_its_tries_are_told_apart(read):
    kept = {FLOW.node("train 1", 0): said("epoch 1"), FLOW.node("train 1", 1): said("error: out of memory")}
    assert read("train", "session2", logs=kept) == [
        ("train mtl-att session2 (try 1)", "epoch 1"),
        ("train mtl-att session2 (try 2)", "error: out of memory"),
    ]


def test_without_a_task_it_is_the_first_that_failed(read):
    kept = {FLOW.node("corpus"): said("fine"), FLOW.node("train 1", 1): said("error: no")}
    assert [text for _, text in read(logs=kept) if "no log" not in text] == ["error: no"]


def test_without_a_task_and_a_failure_it_is_all_of_them(read):
    done = Workflow(everything("done"))
    kept = {done.node(task): said(task) for task in everything("done")}
    assert {text for _, text in read(logs=kept, tasks=done.details, state="SUCCEEDED")} == set(everything("done"))


def test_the_machinerys_lines_are_shown_where_they_are_asked_for(read):
    kept = {FLOW.node("corpus"): said("60 utterances")}
    assert [text for _, text in read("corpus", raw=True, logs=kept)] == [KLOG, "60 utterances", KLOG]


def kubernetes(*tasks):
    pods = [FLOW.pod(task) for task in tasks]
    return Kubernetes(pods=FLOW.pods, said={pod["metadata"]["name"]: said("from the pod") for pod in pods})


@pytest.mark.parametrize("follow", [False, True])
def test_by_a_kubeconfig_the_pod_itself_is_asked(read, follow):
    found = read("train", "session3", kubeconfig=True, follow=follow, kubernetes=kubernetes("train 2"))
    assert found == [("train mtl-att session3", "from the pod")]


def test_who_may_not_see_pods_reads_what_the_server_has(read):
    closed = Kubernetes(pods=FLOW.pods, forbidden={"pods"})
    kept = {FLOW.node("corpus"): said("60 utterances")}
    assert read("corpus", kubeconfig=True, kubernetes=closed, logs=kept) == [("corpus", "60 utterances")]


@pytest.mark.parametrize("before", ["", f"{KLOG}\none\n"])
def test_following_through_the_server_alone_tells_every_line_once(compiled, tmp_path, monkeypatch, before):
    flow = Workflow({"corpus": "running"})
    with running(compiled["scoring"], tmp_path, tasks=flow.details, state_of=lambda _: "RUNNING") as (
        held,
        server,
        run,
    ):
        held.logs = {flow.node("corpus"): before}

        def later(_):
            held.logs = {flow.node("corpus"): f"{KLOG}\none\ntwo\n"}
            held.tasks = Workflow({"corpus": "done"}).details

        monkeypatch.setattr(logs.time, "sleep", later)
        told = [line.text for line in logs.lines(server, run, ["corpus"], follow=True)]
    assert told == ["one", "two"]


@pytest.mark.parametrize("by_kubeconfig", [False, True])
def test_following_waits_for_a_pod_that_has_not_begun(compiled, tmp_path, monkeypatch, by_kubeconfig):
    flow = Workflow({"corpus": "running"})
    given = {"tasks": flow.details, "state_of": lambda _: "RUNNING", "kubernetes": Kubernetes(pods=flow.pods)}
    with running(compiled["scoring"], tmp_path, kubeconfig=by_kubeconfig, **given) as (held, server, run):

        def later(_):
            held.logs = {flow.node("corpus"): "one\ntwo\n"}
            held.kubernetes.said = {flow.pod("corpus")["metadata"]["name"]: "one\ntwo\n"}
            held.tasks = Workflow({"corpus": "done"}).details

        monkeypatch.setattr(logs.time, "sleep", later)
        assert [line.text for line in logs.lines(server, run, ["corpus"], follow=True)] == ["one", "two"]


def test_following_goes_on_where_a_stream_breaks_off_before_the_container_ends(compiled, tmp_path, monkeypatch):
    flow, pod = Workflow({"corpus": "running"}), Workflow({"corpus": "running"}).pod("corpus")["metadata"]["name"]
    given = {"tasks": flow.details, "state_of": lambda _: "RUNNING"}
    broken = Kubernetes(pods=flow.pods, said={pod: "one\n50 %\r100 %\n"})
    with running(compiled["scoring"], tmp_path, kubeconfig=True, kubernetes=broken, **given) as (held, server, run):

        def later(_):
            broken.said = {pod: "one\n50 %\r100 %\ntwo\n"}
            held.tasks = Workflow({"corpus": "done"}).details

        monkeypatch.setattr(logs.time, "sleep", later)
        told = [line.text for line in logs.lines(server, run, ["corpus"], follow=True)]
    assert told == ["one", "50 %\r100 %", "two"]


def test_what_has_not_begun_has_no_log_and_one_message(read):
    with pytest.raises(AttuneError, match="no log of train yet") as caught:
        read("train", tasks=Workflow({"corpus": "running"}).details, state="RUNNING")
    assert "attune pipeline status run-0" in str(caught.value)


def test_a_login_page_is_not_taken_for_a_log(read):
    page = Fault(".*/log", times=9, status=200, body="<html>log in</html>", kind="text/html")
    with pytest.raises(AttuneError, match="instead of an answer") as caught:
        read("corpus", faults=[page])
    assert "--cookie-file" in caught.value.remedy


def test_what_came_from_the_cache_has_no_log_and_is_said_to(read):
    for words in ((), ("train", "session3")):
        with pytest.raises(AttuneError, match="nothing ran, an earlier run's results were reused"):
            read(*words, tasks=Workflow(everything("cached")).details, state="SUCCEEDED")


def test_a_task_that_is_not_there_is_told_with_every_step_and_cell_once(read):
    with pytest.raises(AttuneError, match="no task 'trains'") as caught:
        read("trains")
    assert caught.value.remedy.count("mtl-att session3") == caught.value.remedy.count("train") == 1


def test_a_server_that_refuses_is_not_taken_for_a_pod_that_is_gone(read):
    with pytest.raises(AttuneError, match="forbidden"):
        read("corpus", faults=[Fault("GET .*/nodes/.*", status=403)])
