"""docs/own-data.md on databases in audEERING's format, from the database to a promoted model that scores.

What serves a model knows no corpus: tests/steps/test_table_to_server.py asks a server.
"""

import json

import needs
import numpy as np
import pandas as pd
import pytest
import soundfile
from own_project import carried_out, section

from attune.corpus.protocols import partition
from attune.waveform.store import Store

pytestmark = pytest.mark.slow

audformat = needs.package("audformat")

SETTINGS, COMMANDS = section(1)
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
def project(tmp_path_factory, new_database):
    """A folder with params.yaml and the database; what each command printed."""
    folder = tmp_path_factory.mktemp("audformat page")
    write(folder / SETTINGS["corpus"]["root"])
    (folder / "recordings").mkdir()
    soundfile.write(folder / "recordings/new.wav", np.random.default_rng(99).normal(0, 0.05, 22050), 44100)
    with carried_out(folder, SETTINGS, COMMANDS, new_database) as said:
        yield folder, said


def test_the_preview_shows_the_databases_own_scale_and_split(project):
    shown = " ".join(project[1]["attune corpus check"].split())
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


def test_the_model_is_trained_shown_promoted_and_scores_on_the_databases_scale(project):
    folder, said = project
    metrics = json.loads((folder / "reports/metrics.json").read_text())["given"]["mtl-att"]["test"]
    assert set(metrics) == {"arousal", "valence"}
    page = (folder / "reports/index.html").read_text()
    assert "our database" in page
    assert "Arousal and valence" in page
    assert "champion" in said["attune promote"]
    score = pd.read_csv(folder / "scores.csv").iloc[0]
    assert 0 <= score["arousal"] <= 100
    assert 0 <= score["valence"] <= 100
    assert "dominance" not in score
