"""The examples in docstrings are run, in the folder of a small run of the graph."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import attune


def _modules() -> list[str]:
    package = Path(attune.__file__).parent
    found = sorted(path for path in package.rglob("*.py") if ">>>" in path.read_text(encoding="utf-8"))
    return [".".join(path.relative_to(package.parent).with_suffix("").parts) for path in found]


@pytest.mark.parametrize("name", _modules())
def test_the_examples_of_a_module_are_true(name, small_run, monkeypatch):
    monkeypatch.chdir(small_run)
    module = import_module(name)
    done = doctest.testmod(module, extraglobs={"attune": attune, "Path": Path})
    assert done.attempted
    assert not done.failed


def test_numbers_and_the_public_face_have_examples():
    assert {"attune.api", "attune.numbers", "attune.signal"} <= set(_modules())
