"""`attune score`: files, folders and tables in, a table out; bad files are told, not fatal; a long list goes on."""

import json
import os
from pathlib import Path
from threading import Thread

import numpy as np
import pandas as pd
import pytest
import soundfile
from click.testing import CliRunner
from registry_samples import FOLDS, voice, write_wav

from attune import api
from attune.cli import app
from attune.errors import AttuneError
from attune.model import bundle
from attune.registry import versions
from attune.serving import batch_scoring
from attune.serving.listing import Item
from attune.serving.score_tables import Journal, states
from attune.tasks import TASKS
from attune.tracking import client as mlflow_client
from attune.waveform import parts
from attune.waveform.audio import Span, cut

pytestmark = pytest.mark.slow


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


def test_on_a_narrow_terminal_files_are_still_named(registered):
    done = CliRunner(env={"COLUMNS": "60"}).invoke(app, ["score", "voices/u1.wav", "--model", "candidate"])
    assert "u1.wav" in done.output.split("dominance")[1]


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


def test_files_are_looked_at_before_anything_else_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where there is no database, and no model
    Path("broken.wav").write_bytes(b"RIFF")
    done = attune("gone.wav", "broken.wav", tmp_path)
    assert "not scored gone.wav: no such audio file" in done.output
    assert "not scored broken.wav: cannot be decoded" in done.output
    assert "none of 3 files could be scored" in str(done.exception)
    assert not list(tmp_path.glob("*.db"))


def test_a_gpu_that_is_not_there_is_named(registered):
    assert "torch cannot use 'cuda' here" in str(attune("voices/u0.wav", "--device", "cuda").exception)


def test_a_relative_path_begins_where_a_notebook_is_now(registered, monkeypatch):
    write_wav(registered / "u0.wav", voice(0.3, seed=5))
    with api.load() as model:
        expected = model.score("voices/u0.wav").loc[0, "arousal"]
        monkeypatch.chdir("voices")
        assert model.score("u0.wav").loc[0, "arousal"] == expected


def test_an_interrupted_list_goes_on_where_it_stopped(registered, monkeypatch):
    monkeypatch.setattr(batch_scoring, "_FILES_AT_ONCE", 1)
    scored = []
    real = batch_scoring.score

    def killed_after_two(model, items):
        if len(scored) == 2:
            raise KeyboardInterrupt
        scored.extend(items)
        return real(model, items)

    monkeypatch.setattr(batch_scoring, "score", killed_after_two)
    assert attune("voices", "--out", "scores.csv").exit_code != 0
    assert not (registered / "scores.csv").exists()

    later = []
    monkeypatch.setattr(batch_scoring, "score", lambda model, items: (later.extend(items), real(model, items))[1])
    assert attune("voices", "--out", "scores.csv").exit_code == 0
    assert [item.path.name for item in scored + later] == ["u0.wav", "u1.wav", "u2.wav"]
    whole = (registered / "scores.csv").read_bytes()
    assert not list(registered.glob(".scores.csv*"))
    assert attune("voices", "--out", "scores.csv").exit_code == 0
    assert (registered / "scores.csv").read_bytes() == whole


def test_what_the_same_number_of_another_registry_scored_is_scored_again(registered, monkeypatch):
    rows = pd.DataFrame({"path": ["voices/u0.wav"], "arousal": [3.0], "start": None, "end": None, "error": None})
    for journal in (Journal(Path("scores.csv"), "attune/1"), Journal(Path("scores.csv"), "attune/1 of another model")):
        journal.append(rows, states(rows["path"]))
    scored, real = [], batch_scoring.score
    monkeypatch.setattr(batch_scoring, "score", lambda model, items: scored.extend(items) or real(model, items))
    assert attune("voices", "--out", "scores.csv").exit_code == 0
    assert [item.path.name for item in scored] == ["u0.wav", "u1.wav", "u2.wav"]


def test_parts_odd_names_and_standard_input_are_scored_as_plain_files_are(registered):
    wave = voice(0.6, seed=5)
    odd = Path(os.fsdecode(b"voices/odd \xff &'\"$(x)\n.wav"))
    write_wav(Path("plain.wav"), wave)
    write_wav(Path("part.wav"), wave[1600:6400])
    odd.write_bytes(Path("plain.wav").read_bytes())
    Path("list.csv").write_text("path,start,end\nplain.wav,0.1,0.4\npart.wav,,\nplain.wav,3,4\n")
    os.mkfifo("pipe.wav")
    Thread(target=lambda: Path("pipe.wav").write_bytes(odd.read_bytes()), daemon=True).start()
    sources = ["list.csv", str(odd), "pipe.wav", "-"]
    done = CliRunner().invoke(app, ["score", *sources, "--out", "-"], input=odd.read_bytes())
    assert done.exit_code == 0, done.output
    part, alone, beyond, named, written, piped = map(json.loads, done.stdout.splitlines())
    assert part["arousal"] == pytest.approx(alone["arousal"], abs=1e-6)
    assert (part["start"], part["end"]) == (0.1, 0.4)
    assert "lasts 0.6 s" in beyond["error"]
    assert [one["arousal"] for one in (named, written)] == pytest.approx([piped["arousal"]] * 2, abs=1e-6)
    assert named["path"] == "voices/odd \\xff &'\"$(x)\n.wav"
    assert piped["path"] == "-"


def test_what_is_doubtful_is_named_and_what_is_passed_over_counted(registered):
    stereo = np.stack([voice(0.5), 0 * voice(0.5)], axis=1)
    write_wav(registered / "more/stereo.wav", stereo)
    (registered / "more/notes.txt").touch()
    done = attune("more", "--out", "scores.json")
    assert done.exit_code == 0, done.output
    (row,) = json.loads((registered / "scores.json").read_text())
    assert row["warnings"] == "dead-channel"
    assert "dead-channel more/stereo.wav" in done.output
    assert "skipped 1: 1 .txt" in done.output


def test_a_journal_forgets_failures_other_models_and_half_lines(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in "abcdefg":
        Path(name).touch()
    journal = Journal(tmp_path / "scores.csv", "attune/1")
    rows = pd.DataFrame({"path": ["a", "b"], "arousal": [3.0, np.nan], "error": [None, "broken"]})
    journal.append(rows, states("ab"))
    Journal(tmp_path / "scores.csv", "attune/2").append(rows.assign(path=["c", "d"]), states("cd"))
    with journal.path.open("ab") as file:
        file.write(b'\n3\n[]\n{"model": "attune/1"}\n{"model": "attune/1", "rows": 3}\n\xff\xfe\n' + bytes(100) + b"\n")
        file.write(b"[" * 100_000 + b"\n")
    with journal.path.open("a") as file:
        file.write("\n" + json.dumps({"model": "attune/1", "rows": [{"path": "e"}]})[:-9])
    assert list(journal.read()["path"]) == ["a"]
    journal.append(rows.assign(path=["f", "g"]), states("fg"))
    assert list(journal.read()["path"]) == ["a", "f"]


def test_a_journal_forgets_what_is_another_recording_now(tmp_path, monkeypatch):
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
        for name in ("same", "changed", "gone"):
            (tmp_path / folder / name).write_text(name)
    monkeypatch.chdir(tmp_path / "here")
    os.mkfifo("pipe")
    journal = Journal(tmp_path / "scores.csv", "attune/1")
    names = ["same", "changed", "gone", "pipe", "-"]
    journal.append(pd.DataFrame({"path": names, "error": None}), states(names))
    Path("changed").write_text("changed again")
    Path("gone").unlink()
    assert list(journal.read()["path"]) == ["same"]
    monkeypatch.chdir(tmp_path / "there")
    assert journal.read().empty


def test_numbers_survive_the_journal_unchanged(tmp_path):
    journal, voice = Journal(tmp_path / "scores.csv", "attune/1"), tmp_path / "a"
    voice.touch()
    numbers = np.random.default_rng(0).uniform(1, 5, 100)
    journal.append(pd.DataFrame({"path": str(voice), "arousal": numbers, "error": None}), states([str(voice)]))
    np.testing.assert_array_equal(journal.read()["arousal"], numbers)


def test_batches_are_bounded_by_bytes_and_keep_the_order(tmp_path, monkeypatch):
    monkeypatch.setattr(batch_scoring, "_BYTES_AT_ONCE", 100)
    paths = [tmp_path / name for name in "abcd"]
    for path, size in zip(paths, (60, 60, 30, 400), strict=True):
        path.write_bytes(bytes(size))
    assert list(batch_scoring.batches([Item(path) for path in paths])) == [
        [Item(path) for path in batch] for batch in ([paths[0]], [paths[1], paths[2]], [paths[3]])
    ]


class Listening:
    """A model that keeps what it is given to score."""

    def __init__(self):
        self.heard = []

    def predict(self, rows, params):
        self.heard += [soundfile.read(path)[0] for path in rows["path"]]
        return pd.DataFrame({"arousal": [3.0] * len(rows), "error": None})


def test_many_parts_of_a_compressed_recording_are_what_each_is_alone_and_decoded_together(tmp_path, monkeypatch):
    recording = tmp_path / "long.flac"
    soundfile.write(recording, np.random.default_rng(0).uniform(-0.5, 0.5, (30 * 16000, 2)), 16000)
    items = [Item(recording, 10 + 0.2 * part, 10.25 + 0.2 * part) for part in range(90)]
    decoded, model = [], Listening()

    def opened(source):
        decoded.append(source)
        return reading(source)

    reading = parts.opened
    monkeypatch.setattr(parts, "opened", opened)
    batches = list(batch_scoring.batches(items))
    tables = [batch_scoring.score(model, batch) for batch in batches]
    assert [len(batch) for batch in batches] == [64, 26]
    assert decoded == [recording] * 2
    assert list(pd.concat(tables)["start"]) == [item.start for item in items]
    for item, found in zip(items[::20], model.heard[::20], strict=True):
        cut(recording, Span(item.start, item.end), tmp_path / "alone.wav")
        np.testing.assert_array_equal(found, soundfile.read(tmp_path / "alone.wav")[0])


def test_a_part_weighs_what_it_lasts_and_a_whole_recording_its_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(batch_scoring, "_BYTES_AT_ONCE", 100_000)
    path = tmp_path / "a"
    path.write_bytes(bytes(90_000))
    items = [Item(path, 0, 1), Item(path, 1, 2), Item(path, 2, 3), Item(path, 3, 4), Item(path, 4), Item(path)]
    assert [len(batch) for batch in batch_scoring.batches(items)] == [3, 1, 1, 1]
