"""The model card: what it says is what tags and artifacts hold, and what it lacks it says."""

import json
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from promotion_samples import PARAMS, predictions, register

from attune.artifacts.attention import write_analysis
from attune.cli import app
from attune.errors import AttuneError
from attune.findings import Finding, to_json
from attune.promotion import card as cards
from attune.registry import versions
from attune.tracking import client as mlflow_client

pytestmark = pytest.mark.slow


@pytest.fixture
def client(here):
    return mlflow_client.connect()


def written(client, which=None):
    return cards.card(client, versions.find(client, which))


def cells(text, first):
    """The cells of the table rows whose first cell is this."""
    rows = [line for line in text.splitlines() if line.startswith(f"| {first} |")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_scores_are_those_of_the_tags(client):
    register(predictions(0.3))
    text = written(client)
    scores = json.loads(client.get_model_version("attune", "1").tags["attune.scores"])["test"]
    [row] = cells(text, "valence")
    uar = scores["valence"]["uar"]
    assert row[1] == f"{100 * uar['value']:.1f} ({100 * uar['low']:.1f}–{100 * uar['high']:.1f})"
    assert row[-1] == str(uar["n"])


def test_every_group_has_its_row_and_the_right_number_of_utterances(client):
    register(predictions(0.3, per_dialog=6))
    text = written(client)
    assert [row[1] for row in cells(text, "gender")] == ["F", "M"]
    assert [row[1] for row in cells(text, "scenario")] == ["improvised", "scripted"]
    assert len(cells(text, "speaker")) == 10
    assert {row[-1] for row in cells(text, "speaker")} == {"12"}


def test_every_section_is_there(client):
    register(predictions(0.3))
    headings = [line.removeprefix("## ") for line in written(client).splitlines() if line.startswith("## ")]
    assert headings == ["Intended use", "Data and licence", "Protocol", "Scores", "Attention", "Limits"]


def test_synthetic_data_are_called_so_and_iemocap_is_called_licensed(client):
    register(predictions(0.3))
    real = json.dumps({"corpus": {"kind": "iemocap"}})
    register(predictions(0.3), {"attune.params": real})
    made, recorded = written(client, "1"), written(client, "2")
    assert "say nothing about real speech" in made
    assert "signed the release form" not in made
    assert "signed the release form" in recorded
    assert "synthetic" not in recorded


def log_analysis(client, run_id, values):
    with tempfile.TemporaryDirectory() as folder:
        write_analysis(Path(folder), values)
        client.log_artifacts(run_id, folder, "attention")


def test_findings_about_attention_are_those_of_the_system(client):
    register(predictions(0.3))
    assert "No attention analysis is stored" in written(client)
    run_id = client.get_model_version("attune", "1").run_id
    told = [
        Finding("mtl-att", "valence", "entropy", "Attention is not uniform.", {"value": 0.9}),
        Finding("stl-att", "valence", "entropy", "Attention of another system."),
        Finding("mtl", None, "absent", "It has no attention."),
        Finding(None, None, "cue", "Cues are unknown."),
    ]
    log_analysis(client, run_id, {"findings": to_json(told)})
    text = written(client)
    assert [line for line in text.splitlines() if "ttention is" in line] == ["- valence: Attention is not uniform."]
    assert "- Cues are unknown." in text
    assert "another system" not in text
    assert "no attention" not in text


@pytest.mark.parametrize("told", [["mtl-att, valence: attention is not uniform."], [{"sentence": "no kind"}], "text"])
def test_findings_of_another_attune_are_left_out_of_the_card(client, told):
    register(predictions(0.3))
    log_analysis(client, client.get_model_version("attune", "1").run_id, {"findings": told})
    assert "No attention analysis is stored" in written(client)


def test_uncommitted_code_is_admitted(client):
    register(predictions(0.3), {"attune.git.clean": "false"})
    assert "with changes that were not committed" in written(client)


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ({"attune.scores": None}, r"version 1: has no tag attune\.scores"),
        ({"attune.scores": "{}"}, r"attune\.scores: does not contain every score"),
        ({"attune.params": '{"trian": 1}'}, r"attune\.params: its parameters are not those of this attune"),
    ],
)
def test_a_version_without_lineage_has_no_card(client, tags, said):
    register(predictions(0.3), tags)
    with pytest.raises(AttuneError, match=said):
        written(client)


def test_the_command_writes_a_file_or_prints(client, here):
    register(predictions(0.3))
    params = ["--params", PARAMS.model_dump_json(by_alias=True)]
    printed = CliRunner().invoke(app, ["card", *params])
    assert printed.exit_code == 0, printed.output
    assert CliRunner().invoke(app, ["card", "1", "--out", "card.md", *params]).exit_code == 0
    assert (here / "card.md").read_text() == printed.stdout
    assert printed.stdout.startswith("# attune version 1 (candidate)\n\n")
