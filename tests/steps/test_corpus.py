import hashlib
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from attune import params
from attune.corpus.iemocap.location import RELEASE
from attune.corpus.location import audio_root
from attune.errors import AttuneError
from attune.steps import corpus as step

SYNTHETIC = '{"corpus": {"synthetic": {"seed": 3, "utterances_per_speaker": 4}}}'
IEMOCAP = '{"corpus": {"kind": "iemocap"}}'
LABELS = """\
% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]

[1.0000 - 2.0000]	Ses02F_impro01_M000	neu	[2.0000, 3.0000, 4.0000]
A-E3:	val 2; act 3; dom  4;	()
"""


def run(text: str, root: Path, out: Path) -> None:
    step.run(params.load(text), root=root, out=out)


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.md5(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def real(tmp_path: Path) -> Path:
    release = tmp_path / "raw" / RELEASE
    labels = release / "Session2/dialog/EmoEvaluation/Ses02F_impro01.txt"
    recording = release / "Session2/sentences/wav/Ses02F_impro01/Ses02F_impro01_M000.wav"
    for path in (labels, recording):
        path.parent.mkdir(parents=True)
    labels.write_text(LABELS)
    soundfile.write(recording, np.zeros(16000, dtype=np.int16), 16000)
    return tmp_path / "raw"


def test_a_synthetic_corpus_is_made_read_and_summarised(tmp_path, capsys):
    run(SYNTHETIC, tmp_path / "nothing here", tmp_path / "corpus")
    utterances = pd.read_parquet(tmp_path / "corpus/utterances.parquet")
    ratings = pd.read_parquet(tmp_path / "corpus/ratings.parquet")
    cues = pd.read_parquet(tmp_path / "corpus/cues.parquet")
    assert len(utterances) == 40
    assert utterances["utterance"].tolist() == cues["utterance"].tolist() == sorted(utterances["utterance"])
    assert set(ratings["utterance"]) == set(utterances["utterance"])
    release = audio_root(tmp_path / "corpus", tmp_path / "nothing here")
    assert all((release / audio).is_file() for audio in utterances["audio"])
    printed = capsys.readouterr().out
    assert "40 utterances, 10 speakers" in printed
    assert all(task in printed for task in ("arousal", "valence", "dominance"))


def test_two_runs_give_the_same_bytes(tmp_path):
    run(SYNTHETIC, tmp_path, tmp_path / "one")
    run(SYNTHETIC, tmp_path, tmp_path / "two")
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_a_real_copy_is_read_where_it_lies(real, tmp_path, capsys):
    run(IEMOCAP, real, tmp_path / "corpus")
    written = sorted(path.name for path in (tmp_path / "corpus").iterdir())
    tables = ("notes.parquet", "ratings.parquet", "recordings.parquet", "utterances.parquet")
    assert written == ["SHA256SUMS", "corpus.json", *tables]
    [row] = pd.read_parquet(tmp_path / "corpus/utterances.parquet").itertuples()
    assert (row.utterance, row.speaker, row.valence, row.arousal, row.dominance) == (
        "Ses02F_impro01_M000", "Ses02M", 2.0, 3.0, 4.0,
    )  # fmt: skip
    recording = audio_root(tmp_path / "corpus", real) / row.audio
    [found] = pd.read_parquet(tmp_path / "corpus/recordings.parquet").itertuples(index=False)
    assert found == (row.audio, recording.stat().st_size, sha256(recording.read_bytes()).hexdigest())
    assert "1 utterances" in capsys.readouterr().out


def test_a_table_without_times_is_not_said_to_have_no_hours(tmp_path, capsys):
    (tmp_path / "labels.csv").write_text("audio,arousal\na.wav,3\n")
    table = '{"corpus": {"kind": "table", "table": {"files": "labels.csv", "tasks": {"arousal": {}}}}}'
    run(table, tmp_path, tmp_path / "corpus")
    assert "1 dialogs, 0 ratings" in capsys.readouterr().out


def test_a_bad_root_leaves_the_former_corpus_and_nothing_half_written(real, tmp_path):
    run(IEMOCAP, real, tmp_path / "out/corpus")
    before = digests(tmp_path / "out")
    with pytest.raises(AttuneError, match="no such folder"):
        run(IEMOCAP, tmp_path / "gone", tmp_path / "out/corpus")
    assert digests(tmp_path / "out") == before


def test_only_the_declared_sections_are_read():
    assert step.READS == ("corpus",)
