"""`attune corpus compare` takes what a user has: a validated corpus, parameters of another, a folder of recordings."""

import json

import numpy as np
import own_recordings
import pytest
import soundfile
from click.testing import CliRunner

from attune.cli import app
from attune.errors import AttuneError

pytestmark = pytest.mark.slow

PARAMS = {"corpus": {"kind": "table", "table": own_recordings.TABLE}, "protocol": "3-fold"}


def attune(*arguments):
    return CliRunner(env={"COLUMNS": "160"}).invoke(app, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compare")
    root = own_recordings.write(folder / "mine", rate=8000)
    params = json.dumps(PARAMS)
    for arguments in (
        ("corpus", "--params", params, "--root", root, "--out", folder / "corpus"),
        ("validate", "--params", params, "--root", root, "--corpus", folder / "corpus", "--out", folder / "validated"),
    ):
        done = attune(*arguments)
        assert done.exit_code == 0, done.output
    (folder / "other corpus.yaml").write_text(json.dumps({**PARAMS, "corpus": {**PARAMS["corpus"], "root": str(root)}}))
    (folder / "batch").mkdir()
    rng = np.random.default_rng(0)
    for number in range(60):
        soundfile.write(folder / "batch" / f"{number}.wav", rng.normal(0, 0.3, 20000).clip(-0.99, 0.99), 16000)
    return folder


def test_a_corpus_is_like_itself_by_its_folder_and_by_its_parameters(place):
    done = attune("corpus", "compare", place / "validated", place / "other corpus.yaml", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    assert not found["differs"]
    assert {one["effect"]["value"] for one in found["measures"]} == {0.5}
    assert {one["effect"]["value"] for one in found["classes"]} == {0.0}
    assert {one["task"] for one in found["classes"]} == {"arousal", "tension", "mood"}
    assert found["a"]["speakers"] == found["b"]["speakers"] == 12


def test_a_louder_longer_batch_without_labels_is_told_in_the_terminal_and_on_a_page(place, tmp_path):
    done = attune("corpus", "compare", place / "validated", place / "batch", "--out", tmp_path / "a page.html")
    assert done.exit_code == 0, done.output
    text = " ".join(done.output.split())
    assert "60 utterances, speakers unknown" in text
    assert "B differs from A in level and duration" in text
    page = (tmp_path / "a page.html").read_text(encoding="utf-8")
    assert "B differs from A in level and duration" in page
    assert page.count("<svg") >= 2
    assert "<script" not in page
    assert "http:" not in page
    assert "https:" not in page


def test_recordings_of_a_batch_that_cannot_be_decoded_are_counted(place, tmp_path):
    (tmp_path / "fine.wav").symlink_to(place / "batch" / "0.wav")
    (tmp_path / "damaged.wav").write_bytes(b"RIFF")
    done = attune("corpus", "compare", place / "batch", tmp_path)
    assert "1 utterance, speakers unknown, 0.00 h; left out, not decodable: 1 recording" in " ".join(
        done.output.split()
    )
    found = json.loads(attune("corpus", "compare", place / "batch", tmp_path, "--json").output)
    assert (found["a"]["undecoded"], found["b"]["undecoded"]) == (0, 1)


@pytest.mark.parametrize(
    ("what", "says"), [("nowhere", "there is no such file or folder"), ("empty", "no audio files below this folder")]
)
def test_what_cannot_be_compared_is_said(place, tmp_path, what, says):
    (tmp_path / "empty").mkdir()
    done = attune("corpus", "compare", place / "validated", tmp_path / what)
    assert isinstance(done.exception, AttuneError)
    assert says in str(done.exception)


def test_a_page_is_refused_a_folder_that_is_not_there(place):
    done = attune("corpus", "compare", place / "validated", place / "batch", "--out", place / "mistyped" / "page.html")
    assert isinstance(done.exception, AttuneError)
    assert "mistyped: no such folder" in str(done.exception)
    assert not (place / "mistyped").exists()
