"""One graph in two orchestrators: DVC and Kubeflow run the same steps, edges, inputs and parameters."""

import ast
import re
from pathlib import Path

import dvc.repo
import pytest
from compiled_graph import documents, graph
from ruamel.yaml import YAML

import components
from attune.cli.steps import STEP_COMMANDS
from pipelines.arguments import SECTIONS

REPOSITORY = Path(__file__).parents[2]
NAMES = "data-version"
"""Says what the data is, before the steps: no step itself."""
STAGES = YAML(typ="safe").load((REPOSITORY / "dvc.yaml").read_text())["stages"]
OPENING = STAGES.pop(NAMES)
COMMANDS = {command.name: command for command in STEP_COMMANDS}

STOPS = {"admit", "gate"}
"""Where a run on a cluster may stop; DVC stops by itself, because `attune validate` fails."""
CLOSES = {"close"}
"""The exit handler."""
GATHERS = {"gather-models", "gather-predictions"}
"""What all cells wrote, put into one artifact; DVC's stages read the folder above them."""
VIEWS = {"validate": {"docs"}, "evaluate": {"confusions"}}
"""Outputs that only show what another output holds."""


@pytest.fixture(scope="module")
def kubeflow(compiled):
    return graph(documents(compiled["training"].text)[0])


@pytest.fixture(scope="module")
def dvc_edges():
    """Edges between stages, those of a matrix counted as one."""
    built = dvc.repo.Repo(REPOSITORY).index.graph
    edges = {(needed.name.split("@")[0], stage.name.split("@")[0]) for stage, needed in built.edges}
    assert {edge for edge in edges if NAMES in edge} == {(NAMES, "corpus")}
    return edges - {(NAMES, "corpus")}


def test_dvc_and_kubeflow_have_the_same_steps(kubeflow):
    assert kubeflow.steps - STOPS - CLOSES - GATHERS == {*STAGES, NAMES}
    assert set(STAGES) == set(COMMANDS)
    assert OPENING["params"] == ["corpus"]


def test_dvc_and_kubeflow_have_the_same_edges(kubeflow, dvc_edges):
    gathered = {(source, name) for source, name in kubeflow.edges if name in GATHERS and source != "validate"}
    through = {(source, end) for source, middle in gathered for start, end in kubeflow.edges if start == middle}
    ours = {edge for edge in kubeflow.edges if not set(edge) & (STOPS | CLOSES | GATHERS | {NAMES})}
    assert ours | through == dvc_edges
    assert {edge for edge in dvc_edges if edge[0] == edge[1]} == set()


def test_a_run_stops_before_what_must_not_happen(kubeflow):
    own = {edge for edge in kubeflow.edges | kubeflow.after if set(edge) & STOPS}
    assert own == {("validate", "admit"), ("admit", "preprocess"), ("evaluate", "gate"), ("gate", "register")}


def test_training_and_prediction_fan_out_over_systems_and_folds_in_one_loop(compiled):
    spec, _ = documents(compiled["training"].text)
    loops = {
        name: set(component["dag"]["tasks"])
        for component in spec["components"].values()
        for name, task in component.get("dag", {}).get("tasks", {}).items()
        if "parameterIterator" in task
        for component in [spec["components"][task["componentRef"]["name"]]]
    }
    assert list(loops.values()) == [{"train", "predict"}]


@pytest.mark.parametrize("step", STAGES)
def test_all_folds_arrive_wherever_dvc_reads_all_of_them(kubeflow, step):
    gathered = {name.removeprefix("gather-") for name, end in kubeflow.edges if end == step and name in GATHERS}
    assert gathered == {Path(dep).name for dep in STAGES[step]["deps"]} & {"models", "predictions"}


def test_one_list_of_all_cells_is_all_that_a_step_gathers(compiled):
    spec = documents(compiled["training"].text)[0]
    lists = {
        name.removeprefix("comp-"): [key for key, held in inputs.items() if held.get("isArtifactList")]
        for name, component in spec["components"].items()
        if "executorLabel" in component and (inputs := component.get("inputDefinitions", {}).get("artifacts"))
    }
    assert {name: found for name, found in lists.items() if found} == {name: ["parts"] for name in GATHERS}


@pytest.mark.parametrize("step", STAGES)
def test_a_component_calls_its_step_with_every_option_of_it(step):
    options = {option.opts[0] for option in COMMANDS[step].params} - {"--params"}
    _, inner = split(step)
    assert inner[0] == step
    assert {word for word in inner if word.startswith("--")} - {"--params"} == options


@pytest.mark.parametrize("step", STAGES)
def test_a_components_artifacts_are_the_steps_inputs_and_outputs_by_name(step):
    spec = getattr(components, step).component_spec
    _, inner = split(step)
    options = dict(zip(inner[1::2], inner[2::2], strict=True))
    for name in artifacts(spec.inputs):
        assert options[f"--{name}"] == f"{{{{$.inputs.artifacts['{name}'].path}}}}"
    written = artifacts(spec.outputs) - VIEWS.get(step, set())
    paths = {options.get(f"--{name}") for name in ("out", "metrics", "curves")} - {None}
    assert {f"{{{{$.outputs.artifacts['{name}'].path}}}}" for name in written} == paths & {
        path for path in paths if "outputs" in path
    }
    assert len(written) == len(STAGES[step]["outs"]) + len(STAGES[step].get("metrics", []))


def test_every_artifact_is_called_by_what_it_is_and_none_like_another():
    names = {step: artifacts(getattr(components, step).component_spec.outputs) for step in STAGES}
    assert "out" not in {name for found in names.values() for name in found}
    assert sum(map(len, names.values())) == len(set().union(*names.values()))


def test_every_step_that_gathers_cells_opens_what_an_earlier_run_left_behind(kubeflow):
    assert {("validate", name) for name in GATHERS} <= kubeflow.edges


@pytest.mark.parametrize("step", STAGES)
def test_a_component_gets_the_parameters_its_step_reads_and_no_others(step):
    reads = declared(step)
    _, inner = split(step)
    given = re.findall(r'"(\w+)": ', inner[inner.index("--params") + 1])
    assert len(given) == len(set(given))
    assert reads == set(given) == set(STAGES[step]["params"])


def test_the_pipeline_takes_every_section_that_a_step_reads_and_no_other():
    assert set(SECTIONS) == {name for stage in STAGES.values() for name in stage["params"]}


@pytest.mark.parametrize("step", STAGES)
def test_a_section_reaches_the_parameter_of_its_own_name(step):
    _, inner = split(step)
    pairs = re.findall(r'"(\w+)": "?{{\$\.inputs\.parameters\[\'(\w+)\'\]}}', inner[inner.index("--params") + 1])
    assert {section: name.removesuffix("_params") for section, name in pairs} == {name: name for name, _ in pairs}


def declared(step: str) -> set[str]:
    """What the step says it reads; its module is not imported, for that takes seconds."""
    module = ast.parse((REPOSITORY / f"src/attune/steps/{step}.py").read_text())
    (value,) = [node.value for node in module.body if isinstance(node, ast.Assign) and node.targets[0].id == "READS"]
    return set(ast.literal_eval(value))


def split(step: str) -> tuple[list[str], list[str]]:
    """The arguments of `attune pipeline step`, and the command after `--`."""
    container = getattr(components, step).component_spec.implementation.container
    assert container.command == ["attune"]
    arguments = [str(argument) for argument in container.args]
    at = arguments.index("--")
    assert arguments[:4] == ["pipeline", "step", "--executor-input", "{{$}}"]
    return arguments[:at], arguments[at + 1 :]


def artifacts(specs) -> set[str]:
    return {name for name, spec in (specs or {}).items() if str(spec.type).startswith("system.")}
