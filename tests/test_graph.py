"""The graph of dvc.yaml depends on just what its stages use, and on nothing a machine leaves behind."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from dvc.repo import Repo
from ruamel.yaml import YAML

from tools import stage_code

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parent.parent
STAGES = YAML(typ="safe").load((REPOSITORY / "dvc.yaml").read_text())["stages"]
STEPS = [name for name in STAGES if name != "data-version"]
LEFTOVERS = ("__pycache__/loop.cpython-311.pyc", ".DS_Store", "._loop.py", "loop.py~", ".loop.py.swp", "Thumbs.db")


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """The repository as a user has it: its graph and its code, nothing run yet."""
    folder = tmp_path_factory.mktemp("a copy")
    skip = shutil.ignore_patterns("__pycache__", ".*")
    for name in ("src", "data", "dvc.yaml", "params.yaml", ".dvcignore"):
        source = REPOSITORY / name
        (shutil.copytree(source, folder / name, ignore=skip) if source.is_dir() else shutil.copy(source, folder))
    Repo.init(str(folder), no_scm=True).close()
    return folder


def test_the_graph_names_just_the_code_its_steps_import():
    text = (REPOSITORY / "dvc.yaml").read_text()
    assert text == stage_code.rewritten(text), "run `make generate`"


def test_a_changed_file_reruns_just_the_stages_whose_step_imports_it(copy):
    watched = {stage.name.split("@")[0]: _code(stage) for stage in Repo(str(copy)).index.stages}
    used = {name: stage_code.files(f"attune.steps.{name}") for name in STEPS}
    for file in stage_code.package_files():
        here = copy / file.relative_to(REPOSITORY)
        stale = {name for name, deps in watched.items() if any(here.is_relative_to(dep.fs_path) for dep in deps)}
        assert stale == {name for name, files in used.items() if file in files}, file


@pytest.mark.parametrize("stage", STAGES)
def test_no_command_contains_what_a_user_wrote_because_a_shell_reads_it(stage):
    named = set(re.findall(r"\$\{(.*?)\}", STAGES[stage]["cmd"]))
    assert named <= {"item.system", "item.fold"}  # from lists that are closed: attune.params.FOLDS and System


@pytest.mark.parametrize("stage", STAGES)
def test_no_stage_depends_on_a_place_that_a_user_names_because_dvc_would_take_all_in_it_for_data(stage):
    assert set(re.findall(r"\$\{(.*?)\}", " ".join(STAGES[stage].get("deps", [])))) <= {
        *("code", "item.system", "item.fold")
    }


def test_bytecode_and_leftovers_change_no_stage(copy):
    before = _hashes(copy)
    importing = "; ".join(f"import attune.steps.{name}" for name in STEPS)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(
        [sys.executable, "-c", importing], env=environment | {"PYTHONPATH": str(copy / "src")}, cwd=copy, check=True
    )
    assert list(copy.glob("src/attune/training/__pycache__/*.pyc"))
    for name in LEFTOVERS:
        path = copy / "src/attune/training" / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert _hashes(copy) == before


def test_a_comment_changes_the_stages_that_import_its_file(copy):
    before = _hashes(copy)
    with (copy / "src/attune/training/loop.py").open("a") as file:
        file.write("# a comment\n")
    changed = {name for name, found in _hashes(copy).items() if found != before[name]}
    assert changed == {"train"}


def test_nothing_of_the_package_is_imported_or_read_in_a_way_that_the_graph_cannot_see():
    tracked = subprocess.run(["git", "ls-files", "src"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    paths = [REPOSITORY / line for line in tracked.stdout.splitlines()]
    assert {path.suffix for path in paths} <= stage_code.DATA | {".py", ".typed"}, "add the suffix to stage_code.DATA"
    by_name = re.compile(r"\b(import_module|__import__)\(")
    found = {str(path.relative_to(stage_code.PACKAGE)) for path in paths if by_name.search(path.read_text())}
    assert found == {"__init__.py", "registry/runner/__main__.py", "tracking/sending/machine.py"}  # nothing of a step


@pytest.mark.parametrize("stage", STEPS)
def test_a_stage_depends_on_just_the_parameters_its_step_reads(stage):
    tree = ast.parse((stage_code.PACKAGE / f"steps/{stage}.py").read_text())
    reads = [node for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "READS"]
    assert reads, f"steps/{stage}.py declares no READS"
    assert list(ast.literal_eval(reads[0].value)) == list(STAGES[stage]["params"])


def _code(stage) -> list:
    return [dep for dep in stage.deps if "/src/attune" in dep.fs_path]


def _hashes(copy: Path) -> dict[str, list[str]]:
    """By stage, what DVC itself makes of its code dependencies."""
    with Repo(str(copy)) as repo:
        return {stage.name.split("@")[0]: [dep.get_hash().value for dep in _code(stage)] for stage in repo.index.stages}
