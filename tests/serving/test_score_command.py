"""`attune score`: files, folders and tables in, a table out; bad files are told, not fatal; a long list goes on."""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from registry_samples import FOLDS, voice, write_wav

from attune.cli import app
from attune.errors import AttuneError
from attune.model import bundle
from attune.params import TASKS
from attune.registry import versions
from attune.serving import batch_scoring
from attune.tracking import client as mlflow_client


@pytest.fixture
def registered(here, trained):
    client = mlflow_client.connect()
    run = client.create_run(mlflow_client.experiment_id(client))
    versions.register(
        client, run.info.run_id, "attune", {fold: trained / "models/mtl-att" / fold for fold in FOLDS}, {}
    )
    for number in range(3):
        write_wav(here / f"voices/u{number}.wav", voice(0.2 + 0.1 * number, seed=number))
    return here


def attune(*arguments):
    return CliRunner().invoke(app, ["score", *map(str, arguments)])


def test_the_table_holds_the_numbers_of_the_networks_to_a_millionth(registered, trained):
    done = attune("voices", "--out", "scores.csv")
    assert done.exit_code == 0, done.output
    table = pd.read_csv("scores.csv")
    assert list(table["path"]) == [f"voices/u{number}.wav" for number in range(3)]
    assert set(table["model"]) == {"attune/1"}
    members = [bundle.load(trained / "models/mtl-att" / fold) for fold in FOLDS]
    for number in range(3):
        wave = voice(0.2 + 0.1 * number, seed=number)
        alone = [member.predict([wave])[0] for member in members]
        for task in TASKS:
            assert table.loc[number, task] == pytest.approx(np.mean([one.scores[task] for one in alone]), abs=1e-6)
            shares = np.mean([one.probabilities[task] for one in alone], axis=0)
            assert table.loc[number, f"{task}_high"] == pytest.approx(shares[2], abs=1e-6)


def test_without_a_file_the_table_is_printed(registered):
    done = attune("voices/u1.wav", "--model", "candidate")
    assert done.exit_code == 0
    assert "attune/1" in done.output
    assert "u1.wav" in done.output


def test_long_paths_are_told_apart_in_the_printed_table(registered):
    folder = registered / ("a-folder-with-a-long-name/" * 4)
    for number in (1, 2):
        write_wav(folder / f"utterance{number}.wav", voice(0.3, seed=number))
    lines = attune(str(folder), "--model", "candidate").output.splitlines()
    assert [line.split()[0] for line in lines if ".wav" in line] == ["utterance1.wav", "utterance2.wav"]


def test_a_bad_file_is_told_and_the_others_are_scored(registered):
    (registered / "voices/broken.wav").write_bytes(b"RIFF")
    pd.DataFrame({"path": ["u0.wav", "gone.wav", "broken.wav"]}).to_csv("voices/list.csv", index=False)
    done = attune("voices/list.csv", "--out", "scores.parquet")
    assert done.exit_code == 0
    assert "1 of 3 files scored" in done.output
    assert "voices/gone.wav: no such" in done.output
    table = pd.read_parquet("scores.parquet").set_index("path")
    assert table["arousal"].notna().to_dict() == {
        "voices/u0.wav": True, "voices/gone.wav": False, "voices/broken.wav": False
    }  # fmt: skip


def test_nothing_scored_is_a_failure(registered):
    done = attune("voices/none.wav")
    assert isinstance(done.exception, AttuneError)
    assert "none of 1 files could be scored" in str(done.exception)


def test_an_interrupted_list_goes_on_where_it_stopped(registered, monkeypatch):
    monkeypatch.setattr(batch_scoring, "_FILES_AT_ONCE", 1)
    scored = []
    real = batch_scoring.score

    def killed_after_two(model, paths):
        if len(scored) == 2:
            raise KeyboardInterrupt
        scored.extend(paths)
        return real(model, paths)

    monkeypatch.setattr(batch_scoring, "score", killed_after_two)
    assert attune("voices", "--out", "scores.csv").exit_code != 0
    assert not (registered / "scores.csv").exists()

    later = []
    monkeypatch.setattr(batch_scoring, "score", lambda model, paths: (later.extend(paths), real(model, paths))[1])
    assert attune("voices", "--out", "scores.csv").exit_code == 0
    assert [path.name for path in scored + later] == ["u0.wav", "u1.wav", "u2.wav"]
    whole = (registered / "scores.csv").read_bytes()
    assert not list(registered.glob(".scores.csv*"))
    assert attune("voices", "--out", "scores.csv").exit_code == 0
    assert (registered / "scores.csv").read_bytes() == whole


def test_a_journal_forgets_failures_other_models_and_half_lines(tmp_path):
    journal = batch_scoring.Journal(tmp_path / "scores.csv", "attune/1")
    rows = pd.DataFrame({"path": ["a", "b"], "arousal": [3.0, np.nan], "error": [None, "broken"]})
    journal.append(rows)
    batch_scoring.Journal(tmp_path / "scores.csv", "attune/2").append(rows.assign(path=["c", "d"]))
    with journal.path.open("a") as file:
        file.write("\n" + json.dumps({"model": "attune/1", "rows": [{"path": "e"}]})[:-9])
    assert list(journal.read()["path"]) == ["a"]
    journal.append(rows.assign(path=["f", "g"]))
    assert list(journal.read()["path"]) == ["a", "f"]


def test_numbers_survive_the_journal_unchanged(tmp_path):
    journal = batch_scoring.Journal(tmp_path / "scores.csv", "attune/1")
    numbers = np.random.default_rng(0).uniform(1, 5, 100)
    journal.append(pd.DataFrame({"path": "a", "arousal": numbers, "error": None}))
    np.testing.assert_array_equal(journal.read()["arousal"], numbers)


def test_a_folder_is_searched_and_each_file_taken_once(tmp_path):
    for name in ("b/two.FLAC", "one.wav", "notes.txt", "._one.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = batch_scoring.find_audio([tmp_path, tmp_path / "one.wav"])
    assert [path.name for path in found] == ["two.FLAC", "one.wav"]


def test_batches_are_bounded_by_bytes_and_keep_the_order(tmp_path, monkeypatch):
    monkeypatch.setattr(batch_scoring, "_BYTES_AT_ONCE", 100)
    paths = [tmp_path / name for name in "abcd"]
    for path, size in zip(paths, (60, 60, 30, 400), strict=True):
        path.write_bytes(bytes(size))
    assert list(batch_scoring.batches(paths)) == [[paths[0]], [paths[1], paths[2]], [paths[3]]]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("list.csv", "file\na.wav\n", "needs a column 'path'"),
        ("list.csv", "path,x\n,1\n", "filled in every row"),
        ("list.parquet", "no parquet", "cannot be read as a table"),
        ("list.csv", "", "cannot be read as a table"),
    ],
)
def test_a_table_that_names_no_audio_is_an_error(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(AttuneError, match=message):
        batch_scoring.find_audio([tmp_path / name])


def test_an_empty_folder_and_a_wrong_suffix_are_errors(tmp_path):
    with pytest.raises(AttuneError, match="no audio files"):
        batch_scoring.find_audio([tmp_path])
    assert "must end in .csv or .parquet" in str(attune("a.wav", "--out", tmp_path / "scores.txt").exception)
