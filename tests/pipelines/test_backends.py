"""What is compiled for a backend is what that backend's parser takes: it refuses fields that it does not know."""

import json
from pathlib import Path

import pytest
import yaml
from followed import running
from google.protobuf import (
    any_pb2,
    descriptor_pb2,
    descriptor_pool,
    duration_pb2,
    json_format,
    message_factory,
    struct_pb2,
)
from google.rpc import status_pb2
from kubeflow_server import Fault
from pinned import PINNED

from attune.params import Params
from pipelines import package, scoring, settings, training
from pipelines.server import backend

pytestmark = pytest.mark.slow

RECORDED = Path(__file__).parent / "recorded"
"""protos-*.json are the descriptors in the wheels of kfp-pipeline-spec and kfp-kubernetes of these versions."""
BORROWED = (any_pb2, duration_pb2, struct_pb2, status_pb2)
PULL = {
    "images": {"pull_secret": "registry"},
    "data": {"claim": "corpora"},
    "train": {"node_selector": {"gpu": "a100"}},
}
SEVERAL = {"train": {"nodes": 2}}


def messages(version):
    """PipelineSpec and KubernetesExecutorConfig of a backend."""
    pool = descriptor_pool.DescriptorPool()
    for module in BORROWED:
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    text = (RECORDED / f"protos-{version}.json").read_text()
    for file in json_format.Parse(text, descriptor_pb2.FileDescriptorSet()).file:
        pool.Add(file)
    names = ("ml_pipelines.PipelineSpec", "kfp_kubernetes.KubernetesExecutorConfig")
    return [message_factory.GetMessageClass(pool.FindMessageTypeByName(name)) for name in names]


def compiled_for(version, which, changes=None):
    chosen = settings.load(changes=settings.merged(settings.merged(PINNED, changes or {}), {"backend": version}))
    built = training.build(Params(), chosen) if which == "training" else scoring.build(chosen)
    return list(yaml.load_all(package.compiled(built).text, Loader=yaml.CSafeLoader))


def parse(version, documents):
    spec, config = messages(version)
    json_format.ParseDict(documents[0], spec())
    executors = documents[1]["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    for executor in executors.values():
        json_format.ParseDict(executor, config())
    return executors


@pytest.mark.parametrize(("which", "changes"), [("training", PULL), ("training", SEVERAL), ("scoring", PULL)])
@pytest.mark.parametrize("version", backend.SUPPORTED)
def test_every_backend_parses_what_is_compiled_for_it(version, which, changes):
    assert parse(version, compiled_for(version, which, changes))


@pytest.mark.parametrize("version", backend.SUPPORTED)
def test_every_backend_parses_what_is_compiled_for_the_oldest(version):
    parse(version, compiled_for("2.15", "training"))


def test_the_oldest_refuses_what_only_newer_ones_know():
    with pytest.raises(json_format.ParseError, match="securityContext"):
        parse("2.15", compiled_for("2.17", "training"))


def test_where_the_backend_knows_it_no_container_may_run_as_root():
    executors = parse("2.16", compiled_for("2.16", "training"))
    assert all(one["securityContext"] == {"runAsNonRoot": True} for one in executors.values())


@pytest.mark.parametrize(
    ("tag", "version"),
    [("2.16.1", "2.16"), ("v2.15.0", "2.15"), ("3.0.0", "2.17"), ("2.14.3", "2.15"), ("unknown", None), (None, None)],
)
def test_the_server_is_asked_which_it_is(compiled, tmp_path, tag, version):
    body = json.dumps({"multi_user": False} | ({"tag_name": tag} if tag else {}))
    with running(compiled["scoring"], tmp_path) as (held, server, _):
        held.faults = [Fault("GET .*/healthz", status=200, body=body)]
        assert backend.of(server) == version


def test_a_server_that_does_not_say_is_no_fault(compiled, tmp_path):
    with running(compiled["scoring"], tmp_path) as (held, server, _):
        held.faults = [Fault("GET .*/healthz", status=404, times=9)]
        assert backend.of(server) is None
