"""The server the tests talk to, held against what a real one answered (Kubeflow Pipelines 2.17, November 2026)."""

import json
import urllib.request
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit

import kfp_server_api as kfp
import pytest
from kubeflow_api import API
from kubeflow_server import Kubeflow, serving
from kubernetes import client
from workflows import LOOP, STEPS, Workflow

ANSWERS = [json.loads(line) for line in (Path(__file__).parent / "recorded/answers.jsonl").read_text().splitlines()]
CUT = {"parameters", "pipeline_spec"}
"""Left out of the recording."""
UPLOADS = {
    **{"bad1": "pipelineInfo: {name: x}\n", "bad2": "- no pipeline\n", "bad4": "{\n"},
    "attune-training": "pipelineInfo: {name: x}\nroot: {}\n",
}
GOOD = "pipelineInfo: {name: x}\nroot: {}\n"


def model(body, kind):
    return API.deserialize(SimpleNamespace(data=json.dumps(body)), kind)


def keys(value):
    """Every key with what is below it; of a list, those of any item."""
    if isinstance(value, dict):
        return {(key, frozenset() if key in CUT else frozenset(keys(one))) for key, one in value.items()}
    if isinstance(value, list):
        merged = {}
        for item in value:
            for key, one in item.items() if isinstance(item, dict) else ():
                merged.setdefault(key, []).append(one)
        return {(key, frozenset(keys(flat(ones)))) for key, ones in merged.items()}
    return set()


def flat(ones):
    return [item for one in ones for item in (one if isinstance(one, list) else [one])]


def as_it_was(recorded):
    """A server that holds what the real one held when it was asked."""
    request, body = recorded["request"], recorded["response"]["body"]
    address = urlsplit(request["path"])
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    several = recorded["server"] == "multi user"
    held = Kubeflow(namespaces={"attune"} if several else None)
    if recorded["response"]["status"] == 401:
        held.token = "another"
    parts = address.path.split("/")
    body = body if isinstance(body, dict) else {}
    held.pipelines = [model(one, "V2beta1Pipeline") for one in body.get("pipelines", [])]
    held.experiments = [model(one, "V2beta1Experiment") for one in body.get("experiments", [])]
    held.versions = [model(one, "V2beta1PipelineVersion") for one in body.get("pipeline_versions", [])]
    held.runs = [model(one, "V2beta1Run") for one in body.get("runs", [])]
    if request["method"] == "GET" and "task_details" in str(body):
        held.runs = held.runs or [model(body, "V2beta1Run")]
    elif request["method"] == "GET" and parts[3] == "runs" and "run_id" in body:
        held.runs, held.state_of = [model(body, "V2beta1Run")], lambda look: "PENDING"
    if "next_page_token" in body:
        held.runs.append(kfp.V2beta1Run(run_id="older", created_at=held.runs[0].created_at.replace(year=2025)))
    if address.path.endswith(":terminate"):
        state = "SUCCEEDED" if recorded["response"]["status"] == 400 else "RUNNING"
        held.runs = [kfp.V2beta1Run(run_id=parts[4].split(":")[0], state=state)]
    if parts[3] == "recurringruns" and len(parts) > 4:
        held.recurring = [kfp.V2beta1RecurringRun(recurring_run_id=parts[4].split(":")[0])]
    given = request["body"] if isinstance(request["body"], dict) else {}
    reference = given.get("pipeline_version_reference", {}).get("pipeline_version_id", "")
    if not reference.startswith("0000"):
        held.versions.append(kfp.V2beta1PipelineVersion(pipeline_version_id=reference))
    if 'unknown field "securityKontext"' in json.dumps(body).replace("\\", ""):
        held.refused, held.packages = {"securityKontext"}, {reference: "securityKontext: {}"}
    if recorded["response"]["status"] == 409 and "pipelineid" in query:
        held.versions = [kfp.V2beta1PipelineVersion(pipeline_id=query["pipelineid"], display_name=query["name"])]
    if "nodes" in parts and "nothere" not in parts:
        held.logs[parts[6]] = held.archived[parts[6]] = "said\n"
    return held


def asked_for(recorded):
    return f"{recorded['request']['method']} {recorded['request']['path'][13:70]}"


def ask(server, request):
    data, kind = None, "application/json"
    if request["body"] == "<multipart>":
        name = parse_qs(urlsplit(request["path"]).query)["name"][0]
        part = f'--b\r\nContent-Disposition: form-data; name="uploadfile"\r\n\r\n{UPLOADS.get(name, GOOD)}\r\n--b--\r\n'
        data, kind = part.encode(), "multipart/form-data; boundary=b"
    elif request["body"] is not None:
        data = json.dumps(request["body"]).encode()
    elif request["method"] == "POST":
        data = b""
    asked = urllib.request.Request(
        server.address + request["path"], data, {"Content-Type": kind}, method=request["method"]
    )
    try:
        with urllib.request.urlopen(asked, timeout=120) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read().decode()


@pytest.mark.parametrize("recorded", ANSWERS, ids=asked_for)
def test_every_request_is_answered_with_the_status_and_the_keys_of_the_real_server(recorded):
    with serving(as_it_was(recorded)) as server:
        status, kind, text = ask(server, recorded["request"])
    wanted = recorded["response"]
    assert status == wanted["status"], text
    assert kind.split(";")[0] == wanted["content_type"].split(";")[0]
    if isinstance(wanted["body"], dict):
        assert keys(json.loads(text)) == keys(wanted["body"])
    else:
        assert text == "said\n"


def test_details_are_built_as_the_real_server_lists_them():
    """The same run, rebuilt from what happened to each task: every node, its last name and its children's ids."""
    real = ANSWERS[0]["response"]["body"]["run_details"]["task_details"]
    cached = ["corpus", "validate", "admit", "preprocess", "train 0", "train 1", "predict 0", "predict 1"]
    steps = [*(step for step in STEPS if step != "for-loop-2"), "close", *(f"{s} {c}" for s in LOOP for c in range(4))]
    built = Workflow({step: "cached" if step in cached else "done" for step in steps}, name="attune-training-tspvt")
    assert nodes(built.details) == nodes(real)
    allowed = {key for one in real for key in one}
    assert {key for one in built.details for key in one} <= allowed


def nodes(details):
    return Counter(
        (one["display_name"], frozenset(child["pod_name"] for child in one.get("child_tasks", [])))
        for one in details
        if "display_name" in one
    )


def test_pods_are_built_of_fields_that_kubernetes_has():
    pod = Workflow({"corpus": "failed"}).pod("corpus")
    known = client.ApiClient().deserialize(SimpleNamespace(data=json.dumps(pod)), "V1Pod")
    kept = client.ApiClient().sanitize_for_serialization(known)
    assert keys(kept) == keys(pod)
