"""The step `validate` on files: what it writes, what it refuses, and that nobody can mistake one for the other."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import forged
import numpy as np
import pandas as pd
import pytest
import soundfile
import tiny_corpus

from attune.artifacts.validation import refused
from attune.errors import AttuneError
from attune.params import Params
from attune.steps import validate

pytestmark = pytest.mark.slow


@pytest.fixture
def paths(tmp_path) -> dict[str, Path]:
    corpus, root = tiny_corpus.write(tmp_path)
    return {"corpus": corpus, "root": root, "out": tmp_path / "validated"}


def run(paths: dict[str, Path], **settings: float) -> Path:
    validate.run(Params.model_validate({"validate": settings}), **paths)
    return paths["out"]


def test_a_folder_with_brackets_is_named_as_it_is(paths, capsys):
    paths["out"] = paths["out"].parent / "valid[/b] [red]\n2"
    run(paths)
    assert r"valid[/b] [red]\n2/docs/index.html" in capsys.readouterr().out


def test_a_sound_corpus_is_accepted_whole(paths, capsys):
    out = run(paths)
    assert sorted(tiny_corpus.contents(out)) == [
        *("SHA256SUMS", "docs/index.html", "profile.parquet", "quarantine.csv", "utterances.parquet", "validation.json")
    ]
    accepted = pd.read_parquet(out / "utterances.parquet")
    given = pd.read_parquet(paths["corpus"] / "utterances.parquet")
    pd.testing.assert_frame_equal(accepted[given.columns], given)
    assert set(accepted["frames"]) == {4000}
    assert set(accepted["duration"]) == {0.25}
    assert (out / "quarantine.csv").read_text() == "utterance,rule,severity,value,source,line,audio\n"
    assert json.loads((out / "validation.json").read_text())["accepted"] is True
    assert "50 utterances: 50 accepted, 0 in quarantine" in capsys.readouterr().out


def test_audio_at_fault_goes_to_quarantine_with_its_reason(paths, capsys):
    audio = [paths["root"] / one for one in tiny_corpus.first(paths["corpus"], 8)]
    audio[0].unlink()
    audio[1].write_bytes(b"\x00\x05\x16\x07 what macOS leaves")
    audio[2].write_bytes(audio[2].read_bytes()[:-1000])
    audio[3].write_bytes(b"")
    soundfile.write(audio[4], np.full(4000, np.nan), 16000, subtype="FLOAT")
    soundfile.write(audio[5], np.zeros(4000), 16000)
    tiny_corpus.sound(audio[6], seed=99, seconds=0.05)
    audio[7].write_bytes((paths["root"] / tiny_corpus.first(paths["corpus"], 9)[8]).read_bytes())
    out = run(paths, max_quarantined=0.5)
    rows = pd.read_csv(out / "quarantine.csv")
    reasons = dict(zip(rows["audio"].str[-8:-4], zip(rows["rule"], rows["value"], strict=True), strict=True))
    assert {turn: reason for turn, reason in reasons.items() if reason[0] == "decodable"} == {
        "F000": ("decodable", "missing"),
        "F001": ("decodable", "unreadable"),
        "F002": ("decodable", "truncated"),
        "F003": ("decodable", "empty"),
        "F004": ("decodable", "not-finite"),
    }
    assert {turn: reason[0] for turn, reason in reasons.items() if reason[0] != "decodable"} == {
        **{"M000": "not-silent", "M001": "duration", "M002": "unique-audio", "M003": "unique-audio"}
    }
    assert len(pd.read_parquet(out / "utterances.parquet")) == 50 - 9
    assert "quarantine 5 by decodable" in capsys.readouterr().out


def test_other_rates_and_channels_are_used_and_reported(paths):
    stereo = np.random.default_rng(5).normal(0, 0.1, (11025, 2))
    soundfile.write(paths["root"] / tiny_corpus.first(paths["corpus"])[0], stereo, 44100)
    out = run(paths)
    accepted = pd.read_parquet(out / "utterances.parquet").iloc[0]
    assert (accepted["sample_rate"], accepted["channels"], accepted["frames"]) == (44100, 2, 11025)
    rules = {one["rule"]: one["failed"] for one in json.loads((out / "validation.json").read_text())["rules"]}
    assert (rules["sample-rate"], rules["mono"]) == (1, 1)


def test_the_same_corpus_gives_the_same_bytes_in_another_process(paths, tmp_path):
    tiny_corpus.edit(paths["corpus"], 3, valence=5.5)
    first = tiny_corpus.contents(run(paths))
    done = attune_validate({**paths, "out": tmp_path / "again"}, cwd=tmp_path, PYTHONHASHSEED="77", TZ="Asia/Tokyo")
    assert done.returncode == 0, done.stderr
    again = tiny_corpus.contents(tmp_path / "again")
    assert {name for name in first if first[name] != again.get(name)} == set()
    assert set(first) == set(again)


def test_a_refused_corpus_ends_in_one_message_its_docs_beside_and_nothing_to_build_on(paths, tmp_path):
    tiny_corpus.edit(paths["corpus"], 1, utterance="Ses01F_impro01_F000")
    done = attune_validate(paths, cwd=tmp_path / "elsewhere")
    assert done.returncode == 1
    message = re.sub(r"\s+", " ", done.stderr)
    assert "Traceback" not in message
    assert "unique-utterance" in message
    assert "Ses01F_impro01_F000 (Session1/dialog/EmoEvaluation/Ses01F_impro01.txt:4)" in message
    docs = paths["out"].with_name("validated.failed") / "docs" / "index.html"
    assert f"The data docs show more: {docs}" in message
    assert "Stopped: the data breaks 1 critical rule" in docs.read_text()
    names = ["SHA256SUMS", "docs/index.html", "quarantine.csv", "validation.json"]
    assert sorted(tiny_corpus.contents(docs.parents[1])) == names
    assert not paths["out"].exists()
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_data_accepted_before_stays_until_new_data_is_accepted(paths):
    before = tiny_corpus.contents(run(paths))
    tiny_corpus.edit(paths["corpus"], 1, utterance="Ses01F_impro01_F000")
    with pytest.raises(AttuneError, match="unique-utterance"):
        run(paths)
    assert tiny_corpus.contents(paths["out"]) == before
    tiny_corpus.edit(paths["corpus"], 1, utterance="Ses01F_impro01_F001")
    run(paths)
    assert not refused(paths["out"]).exists()


def test_too_many_faults_name_the_first_file_of_each_kind(paths):
    for audio in tiny_corpus.first(paths["corpus"], 5):
        path = paths["root"] / audio
        path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(AttuneError, match=r"It is 10\.0\xa0%: 5 by decodable, first .*F000\.wav\): truncated"):
        run(paths)


@pytest.mark.parametrize("name", ["utterances.parquet", "ratings.parquet"])
def test_a_missing_or_damaged_table_is_named_with_the_step_to_run(paths, name):
    table = paths["corpus"] / name
    forged.text(table, "PAR1 and no more")
    with pytest.raises(AttuneError, match=rf"{name}: cannot be read .*\n  Run `attune corpus` again"):
        run(paths)
    table.unlink()
    with pytest.raises(AttuneError, match=rf"{name}: no such file\n  Run `attune corpus` first"):
        run(paths)


def test_a_corpus_root_that_is_gone_is_named(paths, tmp_path):
    with pytest.raises(AttuneError, match=r"nowhere: no such folder"):
        run({**paths, "root": tmp_path / "nowhere"})


def attune_validate(paths: dict[str, Path], cwd: Path, **environment: str) -> subprocess.CompletedProcess:
    cwd.mkdir(exist_ok=True)
    options = [part for name, path in paths.items() for part in (f"--{name}", str(path))]
    command = [Path(sys.executable).with_name("attune"), "validate", "--params", "{}", *options]
    return subprocess.run(
        command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, timeout=300, check=False
    )
