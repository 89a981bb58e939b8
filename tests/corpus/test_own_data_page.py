"""docs/own-data.md: what it says to write into params.yaml is read, and what it says to run before a run does run."""

import json
import re
from pathlib import Path

import own_recordings
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from attune import params, protocols
from attune.cli import app
from attune.corpus.kinds import KINDS
from attune.corpus.tabular.settings import Columns, Table, parsed

PAGE = (Path(__file__).parents[2] / "docs/own-data.md").read_text()
SETTINGS = [YAML(typ="safe").load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
COMMANDS = [line for block in re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: settings["corpus"]["kind"])
def test_every_example_is_a_valid_params_yaml(settings):
    loaded = params.load(json.dumps(settings))
    assert loaded.corpus.kind in KINDS
    assert loaded.corpus.own


def test_the_first_example_describes_the_recordings_of_our_tests():
    own = parsed(Table, SETTINGS[0]["corpus"]["table"], "the page").model_dump(exclude_unset=True)
    del own["licence"]
    assert own == own_recordings.TABLE


def test_every_key_of_the_columns_and_every_kind_is_explained():
    assert not [name for name in Columns.model_fields if f"`{name}`" not in PAGE and f"columns.{name}`" not in PAGE]
    assert not [kind for kind in KINDS if kind not in PAGE and kind not in ("synthetic", "iemocap")]


def test_every_protocol_the_corpus_decides_is_explained():
    assert not [name for name, one in protocols.PROTOCOLS.items() if not one.folds and f"| `{name}` |" not in PAGE]


def test_looking_before_running_works_as_the_page_says(tmp_path, monkeypatch):
    assert COMMANDS[0] == "attune corpus check"
    own_recordings.write(tmp_path / "data/raw/mine", rate=8000)
    with (tmp_path / "params.yaml").open("w") as file:
        YAML(typ="safe").dump(SETTINGS[0], file)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, COMMANDS[0].split()[1:])
    assert done.exit_code == 0, done.output
    assert "72 accepted, 0 refused" in " ".join(done.output.split())


def test_every_command_of_the_page_exists():
    for line in COMMANDS:  # tests/steps/test_table_to_server.py runs them
        program, name, *_ = line.split()
        assert program == "dvc" or name in app.commands
