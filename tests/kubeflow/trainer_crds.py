"""Objects of Kubeflow Trainer against its own schemas, strictly: what a release does not know is a fault."""

import json
from pathlib import Path

import jsonschema

RECORDED = json.loads((Path(__file__).parent / "trainer" / "crds.json").read_text())["releases"]
RELEASES = tuple(RECORDED)


def faults(release, kind, document):
    """What the API server of a cluster with this release would refuse."""
    validator = jsonschema.Draft202012Validator(_strict(RECORDED[release][kind]))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def _strict(schema):
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    held = {key: _strict(value) for key, value in schema.items() if key != "properties"}
    if "properties" in schema:
        held["properties"] = {name: _strict(one) for name, one in schema["properties"].items()}
        held["additionalProperties"] = False
    return held
