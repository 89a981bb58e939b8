"""docs/own-data.md on databases in audEERING's format: its params.yaml and commands, until the kind no longer matters.

After `preprocess` steps read the contract's tables and the store alone, as tests/steps/test_table_to_server.py does.
"""

import re
import shlex
from pathlib import Path

import needs
import numpy as np
import pandas as pd
import pytest
import soundfile
from click.testing import CliRunner
from ruamel.yaml import YAML

from attune.cli import app
from attune.corpus.protocols import partition
from attune.waveform.store import Store

audformat = needs.package("audformat")

PAGE = (Path(__file__).parents[2] / "docs/own-data.md").read_text().partition("## Databases in audEERING's format")[2]
SETTINGS = YAML(typ="safe").load(re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0])
COMMANDS = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)[0].splitlines()
GRAPH = [
    "attune corpus --out data/corpus",
    "attune validate --corpus data/corpus --out data/validated",
    "attune preprocess --corpus data/corpus --validated data/validated --out data/store",
]
SPLITS = ("train", "dev", "test")


def write(folder):
    """Six speakers, each in one split; a file of four segments each, rated from 0 to 100."""
    db = audformat.Database("our database", license="CC0-1.0")
    db.schemes["speaker"] = audformat.Scheme("str")
    db.schemes["rating"] = audformat.Scheme("float", minimum=0, maximum=100)
    files = [f"audio/{split} {number}.flac" for split in SPLITS for number in range(2)]
    (folder / "audio").mkdir(parents=True)
    for number, file in enumerate(files):
        soundfile.write(folder / file, np.random.default_rng(number).normal(0, 0.1, 44100 * 2), 44100)
    db["files"] = audformat.Table(audformat.filewise_index(files))
    db["files"]["speaker"] = audformat.Column(scheme_id="speaker")
    db["files"]["speaker"].set([f"s{number}" for number in range(len(files))])
    for place, split in enumerate(SPLITS):
        db.splits[split] = audformat.Split(split)
        starts = [f"{tenths * 100}ms" for tenths in range(0, 20, 5)] * 2
        ends = [f"{tenths * 100}ms" for tenths in range(5, 25, 5)] * 2
        index = audformat.segmented_index(np.repeat(files[2 * place : 2 * place + 2], 4), starts, ends)
        table = db[f"emotion.{split}"] = audformat.Table(index, split_id=split)
        for task in ("arousal", "valence"):
            table[task] = audformat.Column(scheme_id="rating")
            table[task].set([0, 50, 100, 30] * 2)
    db.save(folder)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder with params.yaml and the database; what each command printed."""
    folder = tmp_path_factory.mktemp("audformat page")
    write(folder / SETTINGS["corpus"]["root"])
    with (folder / "params.yaml").open("w") as file:
        YAML(typ="safe").dump(SETTINGS, file)
    printed = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for line in [COMMANDS[0], *GRAPH]:
            done = CliRunner(env={"COLUMNS": "150"}).invoke(app, shlex.split(line)[1:])
            assert done.exit_code == 0, f"{line}\n{done.output}\n{done.exception}"
            printed[line] = " ".join(done.output.split())
    return folder, printed


def test_the_preview_shows_the_databases_own_scale_and_split(project):
    shown = project[1][COMMANDS[0]]
    assert "our database: 24 utterances, 6 speakers" in shown
    assert "24 accepted, 0 refused" in shown
    assert "0 to 100" in shown
    assert "8 of 2" in shown
    assert "warning" not in shown


def test_the_split_of_the_database_is_what_is_trained_and_tested_on(project):
    accepted = pd.read_parquet(project[0] / "data/validated/utterances.parquet")
    parts = partition(accepted, SETTINGS["protocol"], SETTINGS["folds"][0])
    assert [set(part["speaker"]) for part in parts] == [{"s0", "s1"}, {"s2", "s3"}, {"s4", "s5"}]


def test_segments_are_half_a_second_each_in_the_store(project):
    index = Store(project[0] / "data/store").index
    assert len(index) == 24
    assert set(index["samples"]) == {8000}
