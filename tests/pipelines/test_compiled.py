"""The YAML itself: as it was, the same every time, pinned, and nobody's secret."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from compiled_graph import documents
from pinned import PINNED_OPTIONS

from attune.params import Params
from pipelines import settings
from pipelines.arguments import cells, sections

GOLDEN = Path(__file__).parent / "golden"
STRUCTURES = {name for name, value in Params().model_dump(by_alias=True).items() if isinstance(value, dict)}

PIPELINES = pytest.mark.parametrize("which", ["training", "scoring"])


def executors(text):
    return documents(text)[0]["deploymentSpec"]["executors"]


@PIPELINES
def test_the_pipeline_is_as_it_was(compiled, which):
    """Defaults of params.yaml's sections may change freely; anything else is a change to look at.

    To accept one: UPDATE_GOLDEN=1 pytest tests/pipelines/test_compiled.py
    """
    path = GOLDEN / f"{which}.yaml"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(compiled[which].text)
    now, before = (documents(text) for text in (compiled[which].text, path.read_text()))
    for spec, _ in (now, before):
        inputs = spec["root"]["inputDefinitions"]["parameters"]
        for section in STRUCTURES & set(inputs):
            del inputs[section]["defaultValue"]
    assert now == before
    assert path.stat().st_size < 200_000


def test_the_defaults_are_those_of_the_parameters_given(compiled):
    inputs = documents(compiled["training"].text)[0]["root"]["inputDefinitions"]["parameters"]
    defaults = {name: spec["defaultValue"] for name, spec in inputs.items()}
    params = Params()
    assert defaults["cells"] == cells(params)
    for name, value in sections(params).items():
        assert defaults[name] == value, name


@PIPELINES
def test_the_same_input_gives_the_same_bytes_in_another_process(compiled, which, tmp_path):
    attune, path = Path(sys.executable).with_name("attune"), tmp_path / "pipeline.yaml"
    subprocess.run(
        [attune, "pipeline", "compile", which, "--params", "{}", *PINNED_OPTIONS, "--cluster", "--out", path],
        check=True,
        env={"PYTHONHASHSEED": "7", "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        timeout=400,
    )
    assert path.read_text() == compiled[which].text


@PIPELINES
def test_every_image_is_pinned(compiled, which):
    images = {executor["container"]["image"] for executor in executors(compiled[which].text).values()}
    assert images
    assert all(settings.PINNED.fullmatch(image) for image in images)


@PIPELINES
def test_nothing_is_installed_when_a_container_starts(compiled, which):
    assert not re.search(r"pip3? install|python3? -m pip|apt-get|curl |wget ", compiled[which].text)
    assert {tuple(one["container"]["command"]) for one in executors(compiled[which].text).values()} == {("attune",)}


@PIPELINES
def test_placeholders_are_of_the_kinds_that_the_clusters_launcher_expands(compiled, which):
    parameter, artifact = r"inputs\.parameters\[''[\w-]+''\]", r"(inputs|outputs)\.artifacts\[''\w+''\]\.path"
    kinds = re.compile(r"\{\{\$(\." + parameter + r"|\." + artifact + r"|)\}\}")
    for line in compiled[which].text.splitlines():
        assert "{{" not in kinds.sub("", line), line
    assert '"Concat"' not in compiled[which].text
    assert '"IfPresent"' not in compiled[which].text


@PIPELINES
def test_credentials_are_named_never_held(compiled, which):
    text = json.dumps(documents(compiled[which].text))
    held = re.findall(r'"(?:env|value|secretValue)":', json.dumps(documents(compiled[which].text)[1]))
    assert not held
    assert "AWS_SECRET_ACCESS_KEY" in text
    for executor in executors(compiled[which].text).values():
        assert "env" not in executor["container"]


def test_a_secret_in_the_environment_does_not_leak_into_the_pipeline(monkeypatch, pinned):
    from pipelines import package, training

    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tr0ub4dor-and-3")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "tr0ub4dor-and-3")
    assert "tr0ub4dor" not in package.compiled(training.build(Params(), pinned)).text


def test_what_changes_the_world_is_never_cached(compiled):
    def tasks(spec):
        for component in [spec["root"], *spec["components"].values()]:
            yield from component.get("dag", {}).get("tasks", {}).items()

    uncached = {
        name
        for which in ("training", "scoring")
        for name, task in tasks(documents(compiled[which].text)[0])
        if task.get("cachingOptions") == {}
    }
    assert uncached == {"data-version", "register", "close", "score"}


def test_the_version_of_a_pipeline_is_that_of_its_content_not_of_its_compiler(compiled):
    package = compiled["training"]
    newer = package._replace(text=re.sub(r"(?m)^sdkVersion: .*$", "sdkVersion: kfp-9.9.9", package.text))
    assert newer.version == package.version
    assert package._replace(text=package.text.replace("session5", "session6")).version != package.version


def test_the_docs_name_every_artifact_and_the_steps_that_make_those_to_look_at(compiled):
    text = (Path(__file__).parents[2] / "docs/kubernetes.md").read_text()
    held = documents(compiled["training"].text)[0]["components"]
    made = {(name.removeprefix("comp-"), one) for name in held for one in _artifacts(held[name])}
    (listed,) = re.findall(r"^Artifacts are named after their content: (.*?)\n\n", text, re.M | re.S)
    assert set(re.findall(r"`([\w-]+)`", listed)) == {artifact for _, artifact in made}
    shown = set(re.findall(r"^\| `([\w-]+)`, artifact `([\w-]+)` \|", text, re.M))
    assert len(shown) == 5
    assert shown <= made


def _artifacts(component):
    ours = "executorLabel" in component
    return component.get("outputDefinitions", {}).get("artifacts", {}) if ours else ()
