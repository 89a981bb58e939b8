"""A step can read what it declares, whether DVC hands it params.yaml or Kubeflow hands it sections; nothing else."""

import json
from importlib import import_module

import pytest
from click.testing import CliRunner

from attune.cli import app
from attune.cli.steps import STEP_COMMANDS
from attune.errors import AttuneError
from attune.params import Params

SECTIONS = [field.alias or name for name, field in Params.model_fields.items()]


@pytest.fixture(params=[command.name for command in STEP_COMMANDS])
def step(request):
    return import_module(f"attune.steps.{request.param}")


@pytest.mark.parametrize("orchestrator", ["DVC", "Kubeflow"])
def test_a_step_is_handed_just_the_sections_it_declares(step, orchestrator, tmp_path, monkeypatch):
    handed = _handed(step, orchestrator, tmp_path, monkeypatch)
    assert set(handed.model_dump(by_alias=True)) == set(step.READS)
    for section in SECTIONS:
        attribute = {"validate": "validate_", "register": "register_"}.get(section, section)
        if section in step.READS:
            getattr(handed, attribute)
        else:
            with pytest.raises(AttuneError, match=f"{section}: .* does not declare"):
                getattr(handed, attribute)


def test_all_sections_together_are_those_of_the_file():
    parameters = Params.model_validate({"train": {"seed": 5}})
    assert parameters.only(SECTIONS) == parameters


def _handed(step, orchestrator, folder, monkeypatch):
    """What the command line hands to the step."""
    handed = []
    monkeypatch.setattr(step, "run", lambda params, **_: handed.append(params))
    name = step.__name__.rpartition(".")[2]
    [command] = [command for command in STEP_COMMANDS if command.name == name]
    needed = [option.opts[0] for option in command.params if option.required or option.name == "out"]
    options = [part for option in needed for part in (option, str(folder / "x"))]
    everything = Params().model_dump(mode="json", by_alias=True)
    given = {key: value for key, value in everything.items() if orchestrator == "DVC" or key in step.READS}
    (folder / "params.yaml").write_text(json.dumps(given))
    source = str(folder / "params.yaml") if orchestrator == "DVC" else json.dumps(given)
    done = CliRunner().invoke(app, [name, "--params", source, *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return handed[0]
