"""The recipes of docs/architecture.md, done in a copy (a corpus: tests/corpus/test_adding_a_kind.py)."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from dvc.repo import Repo

from attune.errors import AttuneError
from tools import new_step

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parent.parent
FOLDERS = ("src", "components", "pipelines", "tests", "tools", "data")
FILES = ("dvc.yaml", "params.yaml", "pyproject.toml", ".dvcignore")

LOUDEST = '''
"""The output of the window in which the mean activation is largest."""

import torch
from torch import Tensor, nn

from attune.model.attention.pooled import Pooled, Pooling, softmax, weighted


class Loudest(Pooling):
    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.sharpness = nn.Parameter(torch.empty(1))

    def reset_parameters(self) -> None:
        nn.init.ones_(self.sharpness)

    def forward(self, outputs: Tensor, windows: Tensor) -> Pooled:
        return weighted(outputs, softmax(self.sharpness * outputs.mean(-1), windows))
'''


@pytest.fixture
def copy(tmp_path) -> Path:
    skip = shutil.ignore_patterns("__pycache__", "raw")
    for folder in FOLDERS:
        shutil.copytree(REPOSITORY / folder, tmp_path / folder, ignore=skip)
    for file in FILES:
        shutil.copy(REPOSITORY / file, tmp_path / file)
    Repo.init(str(tmp_path), no_scm=True).close()
    return tmp_path


def python(copy: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(copy / "src"), str(copy)])}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text, f"{path} no longer contains {old!r}"
    path.write_text(text.replace(old, new, 1))


def test_an_attention_is_a_file_a_line_and_a_name(copy):
    package = copy / "src/attune/model/attention"
    (package / "loudest.py").write_text(LOUDEST)
    edit(package / "__init__.py", "ATTENTIONS: ", "from attune.model.attention.loudest import Loudest\n\nATTENTIONS: ")
    edit(package / "__init__.py", '    "dot": Dot,\n', '    "dot": Dot,\n    "loudest": Loudest,\n')
    edit(copy / "src/attune/params.py", '"mtl-att",', '"mtl-att", "mtl-loudest", "stl-loudest",')
    python(copy, "-c", 'from attune import params; params.load(\'{"systems": ["mtl-loudest", "mtl-att"]}\')')
    learning = (
        "tests/model/test_learning.py::test_every_parameter_of_every_system_receives_a_gradient[mtl-loudest-joint]"
    )
    assert "PASSED" in python(copy, "-m", "pytest", "-vv", "-p", "no:cacheprovider", learning)


def test_a_system_on_features_is_two_lines_and_a_name(copy):
    form = 'form=Form("descriptors"))}'
    edit(copy / "src/attune/model/systems.py", form, f'{form} | {{"lld-att": System("lld-att", "dot", True, {form}')
    edit(copy / "src/attune/features/of_systems.py", "OF_SYSTEM = {\n", 'OF_SYSTEM = {\n    "lld-att": DESCRIPTORS,\n')
    edit(copy / "src/attune/params.py", '"mtl-att",', '"mtl-att", "lld-att",')
    python(copy, "-c", 'from attune import params; params.load(\'{"systems": ["lld-att", "mtl-att"]}\')')
    learning = "tests/model/test_learning.py::test_every_parameter_of_every_system_receives_a_gradient[lld-att-joint]"
    assert "PASSED" in python(copy, "-m", "pytest", "-vv", "-p", "no:cacheprovider", learning)


def test_a_made_step_is_in_both_graphs_and_runs(copy, small_run):
    for name in ("census", "tally"):
        assert all(path.is_file() for path in new_step.write(name, copy))
        python(copy, "-m", "ruff", "check", "--fix", "--quiet", "src", "components", "pipelines")
        python(copy, "-m", "ruff", "format", "--quiet", "src", "components", "pipelines")
    python(copy, "-m", "tools.stage_code")
    for contract in ("tests/pipelines/test_contract.py", "tests/cli/test_declared_parameters.py"):
        python(copy, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", contract)
    run = "import sys; sys.argv[0] = 'attune'; from attune.cli import main; main()"
    python(copy, "-c", run, "census", "--validated", str(small_run / "data/validated"), "--out", "census.json")
    assert "utterances" in (copy / "census.json").read_text()


NAMES = ["train", "Census", "two words", "two_words", "größe", "class", "summary", "click"]
WORDS = ["dsl", "step", "json", "validated"]  # of the code that is written


@pytest.mark.parametrize("name", NAMES + WORDS)
def test_a_step_needs_a_name_that_is_free(name, tmp_path):
    with pytest.raises(AttuneError):
        new_step.write(name, tmp_path)


@pytest.mark.parametrize("taken", ["src/attune/steps/census/__init__.py", "tests/waveform/test_census.py"])
def test_a_step_is_named_neither_like_a_folder_of_steps_nor_like_what_another_test_is_of(taken, tmp_path):
    (tmp_path / taken).parent.mkdir(parents=True)
    (tmp_path / taken).touch()
    with pytest.raises(AttuneError, match="exists already"):
        new_step.write("census", tmp_path)


def test_a_step_that_cannot_be_added_everywhere_is_added_nowhere(copy):
    edit(copy / "dvc.yaml", "metrics:\n  -", "metrics: # none\n  -")
    with pytest.raises(AttuneError, match=r"dvc\.yaml: contains 'metrics:"):
        new_step.write("census", copy)
    assert not (copy / "src/attune/steps/census.py").exists()
