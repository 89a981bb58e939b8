"""Recordings of our own, from the spreadsheet to the store: parts of FLAC files at 44.1 kHz on a scale of seven."""

import json

import numpy as np
import own_recordings
import pandas as pd
import pytest
import soundfile
import utterance_tables

from attune.corpus.folds import folds
from attune.corpus.protocols import partition
from attune.params import Params
from attune.steps import corpus, preprocess, validate
from attune.waveform import parts
from attune.waveform.store import Store


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own corpus")
    root = own_recordings.write(folder / "my recordings")
    params = Params.model_validate({"corpus": {"kind": "table", "table": own_recordings.TABLE}})
    corpus.run(params, root=root, out=folder / "corpus")
    validate.run(params, corpus=folder / "corpus", root=root, out=folder / "validated")
    places = {"corpus": folder / "corpus", "root": root, "validated": folder / "validated"}
    preprocess.run(params, **places, out=folder / "store")
    return folder


def test_every_part_of_a_file_is_an_utterance_of_its_own_length(made):
    accepted = pd.read_parquet(made / "validated/utterances.parquet")
    assert len(accepted) == len(own_recordings.rows())
    assert set(accepted["duration"]) == {own_recordings.SECONDS}
    assert set(accepted["sample_rate"]) == {44100}
    assert not accepted[["audio", "start"]].duplicated().any()


def test_the_store_has_each_part_and_not_the_file(made):
    store = Store(made / "store")
    row = own_recordings.rows().iloc[3]
    whole, rate = soundfile.read(made / "my recordings" / row["Datei"])
    expected = whole[round(row["from"] * rate) : round(row["to"] * rate)]
    found = store[f"{row['Datei'].removesuffix('.flac')}@{row['from']:g}-{row['to']:g}"]
    assert len(found) == 8000
    assert np.std(found) == pytest.approx(np.std(expected) * (16000 / 44100) ** 0.5, rel=0.1)


def test_rules_are_told_on_the_corpus_own_scale(made):
    said = json.loads((made / "validated/validation.json").read_text())
    rules = {rule["rule"]: rule for rule in said["rules"]}
    assert rules["arousal-range"]["description"] == "The arousal rating is 1 to 7."
    assert not any(rule["failed"] for name, rule in rules.items() if name.endswith(("-range", "label-span")))
    assert "known-session" not in rules
    assert "no-repeated-block" not in rules


def test_the_accepted_utterances_make_folds(made):
    accepted = pd.read_parquet(made / "validated/utterances.parquet")
    tested = [
        partition(accepted, "leave-one-speaker-out", fold).test for fold in folds(accepted, "leave-one-speaker-out")
    ]
    assert [set(part["speaker"]) for part in tested] == [{speaker} for speaker in own_recordings.SPEAKERS]


def test_a_recording_is_decoded_once_whatever_the_order_of_its_utterances(made, tmp_path, monkeypatch):
    accepted = pd.read_parquet(made / "validated/utterances.parquet")
    names = [f"u{number:02d}" for number in np.random.default_rng(0).permutation(len(accepted))]
    (tmp_path / "validated").mkdir()
    utterance_tables.write_accepted(tmp_path / "validated", accepted.assign(utterance=names))
    decoded = []

    def opened(source):
        decoded.append(source.name)
        return reading(source)

    reading = parts.opened
    monkeypatch.setattr(parts, "opened", opened)
    places = {"corpus": made / "corpus", "root": made / "my recordings", "validated": tmp_path / "validated"}
    preprocess.run(Params(), **places, out=tmp_path / "store")
    assert len(decoded) == len(set(decoded)) == len(own_recordings.SPEAKERS)
    before, now = Store(made / "store"), Store(tmp_path / "store")
    for old, new in zip(accepted["utterance"], names, strict=True):
        np.testing.assert_array_equal(now.pcm(new), before.pcm(old))


def test_a_part_that_starts_before_its_recording_is_in_quarantine(tmp_path):
    sound = np.random.default_rng(0).normal(0, 0.05, 16000)
    soundfile.write(tmp_path / "a.wav", sound, 16000)
    (tmp_path / "labels.csv").write_text("audio,arousal,from,to\na.wav,3,-0.5,0.5\na.wav,2,0.5,1\n")
    table = {"files": "labels.csv", "columns": {"start": "from", "end": "to"}, "tasks": {"arousal": {}}}
    params = Params.model_validate({"corpus": {"kind": "table", "table": table}, "validate": {"max_quarantined": 0.5}})
    corpus.run(params, root=tmp_path, out=tmp_path / "out/corpus")
    validate.run(params, corpus=tmp_path / "out/corpus", root=tmp_path, out=tmp_path / "out/validated")
    refused = pd.read_csv(tmp_path / "out/validated/quarantine.csv")
    assert refused[["utterance", "rule"]].to_numpy().tolist() == [["a@-0.5-0.5", "part-in-order"]]
