"""The executor input and output, against kfp's own protocol buffers and its own local placeholders."""

import json
from pathlib import Path

import pytest
from google.protobuf import json_format
from kfp.local import executor_output_utils
from kfp.pipeline_spec import pipeline_spec_pb2

from attune.errors import AttuneError
from attune.kubeflow import executor

CLUSTER = {
    "inputs": {
        "parameterValues": {"fold": "session1"},
        "artifacts": {
            "store": {"artifacts": [{"name": "12", "uri": "s3://bucket/run/preprocess/out"}]},
            "predictions": {
                "artifacts": [
                    {"name": "17", "uri": "minio://mlpipeline/run/1/out"},
                    {"name": "18", "uri": "gs://bucket/run/2/out"},
                    {"name": "19", "uri": "s3://bucket/x", "customPath": "/elsewhere/x"},
                ]
            },
        },
    },
    "outputs": {
        "artifacts": {"out": {"artifacts": [{"name": "out", "uri": "s3://bucket/run/evaluate/out"}]}},
        "parameters": {"refusal": {"outputFile": "/tmp/kfp/outputs/refusal"}},
        "outputFile": "/s3/bucket/run/evaluate/output_metadata.json",
    },
}


def test_artifacts_are_where_the_clusters_launcher_puts_them():
    running = executor.read(json.dumps(CLUSTER))
    assert running.inputs["store"] == [Path("/s3/bucket/run/preprocess/out")]
    assert running.inputs["predictions"] == [
        Path("/minio/mlpipeline/run/1/out"),
        Path("/gcs/bucket/run/2/out"),
        Path("/elsewhere/x"),
    ]
    assert running.outputs["out"] == Path("/s3/bucket/run/evaluate/out")
    assert running.parameters["refusal"] == Path("/tmp/kfp/outputs/refusal")


def test_a_component_without_inputs_or_artifacts_is_read_too():
    running = executor.read('{"inputs": {}, "outputs": {"outputFile": "/x/y.json"}}')
    assert (running.inputs, running.outputs, running.report) == ({}, {}, Path("/x/y.json"))


@pytest.mark.parametrize("text", ["{{$}}", "[]", "{}", '{"outputs": {"artifacts": {"out": {"artifacts": []}}}}', "3"])
def test_what_is_no_executor_input_is_one_message(text):
    with pytest.raises(AttuneError, match="--executor-input: is not a Kubeflow executor input"):
        executor.read(text)


def test_kfp_reads_what_is_written(tmp_path):
    given = json.loads(json.dumps(CLUSTER))
    given["outputs"]["outputFile"] = str(tmp_path / "new" / "executor_output.json")
    running = executor.read(json.dumps(given))
    executor.write(running, {"out": {"uar": 0.5}})
    loaded = executor_output_utils.load_executor_output(str(running.report))
    artifact = loaded.artifacts["out"].artifacts[0]
    assert (artifact.name, artifact.uri) == ("out", "s3://bucket/run/evaluate/out")
    assert json_format.MessageToDict(artifact.metadata) == {"uar": 0.5}
    assert isinstance(loaded, pipeline_spec_pb2.ExecutorOutput)


def test_an_output_parameter_is_its_text_and_nothing_else(tmp_path):
    given = json.loads(json.dumps(CLUSTER))
    given["outputs"]["parameters"]["refusal"]["outputFile"] = str(tmp_path / "new" / "refusal")
    executor.write_parameter(executor.read(json.dumps(given)), "refusal", "")
    assert (tmp_path / "new" / "refusal").read_bytes() == b""


def test_numbers_that_kubeflow_turned_into_floats_are_whole_again():
    given = '{"train": {"epochs": 12.0, "rate": 0.25, "l2": 0.0, "tiny": 1e-05}, "deep": [1.0, 2.5], "n": "x.0"}'
    (options, params) = executor.with_whole_numbers(["--params", given])
    assert options == "--params"
    back = json.loads(params)
    assert back == json.loads(given)
    assert params.count(".0") == 1, "only in the string: " + params
    assert isinstance(back["train"]["epochs"], int)
    assert isinstance(back["train"]["tiny"], float)


def test_what_is_no_json_is_left_alone():
    assert executor.with_whole_numbers(["{not json", "/a/path", "3.0"]) == ["{not json", "/a/path", "3.0"]
