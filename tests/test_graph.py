"""The graph of dvc.yaml holds what its stages really use."""

import ast
from pathlib import Path

import pytest
from ruamel.yaml import YAML

REPOSITORY = Path(__file__).parent.parent
SOURCE = REPOSITORY / "src"
STAGES = YAML(typ="safe").load((REPOSITORY / "dvc.yaml").read_text())["stages"]
EVERYWHERE = {
    "attune",
    "attune.errors",
    "attune.files",
    "attune.params",
    "attune.steps",
    "attune.steps.training_progress",
    "attune.registry",
    "attune.registry.execution",
    "attune.registry.spool",
    "attune.registry.tracking",
}
"""Plumbing: it decides where bytes go and how errors read, not what a stage computes."""


@pytest.mark.parametrize("stage", STAGES)
def test_every_module_a_stage_imports_is_among_its_dependencies(stage):
    known = [REPOSITORY / dep.replace("${code}", "src/attune") for dep in STAGES[stage]["deps"]]
    used = closure(f"attune.steps.{stage}") - EVERYWHERE
    missing = [name for name in used if not any(_file(name).is_relative_to(dep) for dep in known)]
    assert not missing, f"add to the deps of stage {stage}: {sorted(missing)}"


@pytest.mark.parametrize("stage", STAGES)
def test_every_source_dependency_of_a_stage_is_imported_by_it(stage):
    used = {_file(name) for name in closure(f"attune.steps.{stage}")}
    for dep in STAGES[stage]["deps"]:
        if dep.startswith("${code}"):
            path = REPOSITORY / dep.replace("${code}", "src/attune")
            assert any(file.is_relative_to(path) for file in used), f"stage {stage} does not use {dep}"


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_just_the_parameters_its_step_reads(stage):
    tree = ast.parse(_file(f"attune.steps.{stage}").read_text())
    reads = [node for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "READS"]
    assert reads, f"steps/{stage}.py declares no READS"
    assert list(ast.literal_eval(reads[0].value)) == list(STAGES[stage]["params"])


def closure(module: str) -> set[str]:
    """Every module of ours that `module` imports, at the top or inside a function, itself included."""
    found: set[str] = set()
    waiting = {module}
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= _imports(name) - found
    return found


def _imports(module: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(_file(module).read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.split(".")[0] == "attune" and _file(name) is not None}


def _file(module: str) -> Path | None:
    base = SOURCE.joinpath(*module.split("."))
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.exists()), None)
