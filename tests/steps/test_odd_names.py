"""Whatever a folder or a file is called, the steps read and write it, and nothing takes its name for something else."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest
import tiny_corpus
from click.testing import CliRunner

from attune.cli import app
from attune.waveform.store import Store

pytestmark = pytest.mark.slow

ODD = "a b 'c' \"d\" $HOME R&D; (x) %41 ? # ümläut ~ * [y] {z}"


def attune(*arguments: object) -> str:
    done = CliRunner().invoke(app, list(map(str, arguments)))
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


@pytest.mark.parametrize("name", [ODD, os.fsdecode(b"odd \xff\xfe bytes")])
def test_the_steps_read_a_root_of_any_name_in_a_project_of_any_name(tmp_path, monkeypatch, name):
    project = tmp_path / f"{name}\nnew line" / "project"
    project.mkdir(parents=True)
    monkeypatch.chdir(project)
    corpus, root = tiny_corpus.write(Path())
    root = root.rename(name)
    params = json.dumps({"corpus": {"kind": "iemocap", "root": name}})
    options = ["--params", params] if name == ODD else ["--root", root, "--params", "{}"]
    attune("corpus", "version", *options, "--out", "version.txt")
    attune("validate", *options, "--corpus", corpus, "--out", "validated")
    attune("preprocess", *options, "--corpus", corpus, "--validated", "validated", "--out", "store")
    accepted = pd.read_parquet("validated/utterances.parquet")
    assert set(Store(Path("store")).index.index) == set(accepted["utterance"])
    assert len(accepted) == 50
