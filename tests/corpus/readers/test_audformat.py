"""Databases in audEERING's format, written by its own package."""

import pickle

import needs
import numpy as np
import pandas as pd
import pytest
import soundfile
from reading import read

from attune.errors import AttuneError

audformat = needs.package("audformat")


@pytest.fixture
def database(tmp_path):
    db = audformat.Database("little", license="CC0-1.0")
    db.schemes["speaker"] = audformat.Scheme(labels={"a": {}, "b": {}})
    db.schemes["vad"] = audformat.Scheme("float", minimum=0, maximum=100)
    db.splits["train"], db.splits["dev"], db.splits["test"] = (
        audformat.Split(name) for name in ("train", "dev", "test")
    )
    files = [f"audio/{number}.wav" for number in range(4)]
    (tmp_path / "audio").mkdir()
    for number, file in enumerate(files):
        soundfile.write(tmp_path / file, np.random.default_rng(number).normal(0, 0.1, 32000), 16000)
    db["files"] = audformat.Table(audformat.filewise_index(files))
    db["files"]["speaker"] = audformat.Column(scheme_id="speaker")
    db["files"]["speaker"].set(["a", "a", "b", "b"])
    for split, own in (("train", files[:2]), ("test", files[2:])):
        index = audformat.segmented_index(np.repeat(own, 2), ["0s", "1s"] * 2, ["1s", pd.NaT] * 2)
        db[f"emotion.{split}"] = audformat.Table(index, split_id=split)
        for place, task in enumerate(("arousal", "valence", "dominance")):
            db[f"emotion.{split}"][task] = audformat.Column(scheme_id="vad")
            db[f"emotion.{split}"][task].set([0, 25, 75, [100, 50, None][place]])
    db.save(tmp_path)
    return tmp_path


def settings(**changes) -> dict:
    tasks = {"arousal": {}, "valence": {}, "dominance": {}}
    tables = ["emotion.train", "emotion.test"]
    return {"tables": tables, "columns": {"speaker": "files.speaker"}, "tasks": tasks, **changes}


def test_segments_speakers_splits_and_the_scale_of_the_scheme_are_read(database):
    corpus = read(database, "audformat", audformat=settings())
    rows = corpus.utterances.sort_values(["audio", "start"], ignore_index=True)
    assert len(rows) == 8
    assert rows["speaker"].tolist() == ["a"] * 4 + ["b"] * 4
    assert rows["partition"].tolist() == ["train"] * 4 + ["test"] * 4
    assert rows["arousal"].tolist() == [1.0, 2.0, 4.0, 5.0] * 2
    assert rows["start"].tolist() == [0.0, 1.0] * 4
    assert rows["end"][:2].tolist() == pytest.approx([1.0, np.nan], nan_ok=True)
    assert rows["dominance"].isna().sum() == 2
    assert corpus.about.tasks[1].scale == (0.0, 100.0)
    assert (corpus.about.name, corpus.about.licence, corpus.about.segments) == ("little", "CC0-1.0", True)


def test_a_filewise_table_has_no_segments(database):
    db = audformat.Database.load(str(database))
    db["whole"] = audformat.Table(audformat.filewise_index(["audio/0.wav", "audio/2.wav"]))
    for task in ("arousal", "valence", "dominance"):
        db["whole"][task] = audformat.Column(scheme_id="vad")
        db["whole"][task].set([50, 60])
    db.save(str(database))
    corpus = read(database, "audformat", audformat=settings(tables="whole"))
    assert not corpus.about.segments
    assert corpus.utterances["utterance"].tolist() == ["audio/0", "audio/2"]
    assert "partition" not in corpus.utterances


def test_a_column_of_another_table_is_that_of_the_same_segment_and_keeps_its_scale(database):
    db = audformat.Database.load(str(database))
    index = audformat.segmented_index(["audio/0.wav"] * 2 + ["audio/1.wav"], ["0s", "1s", "0s"], ["1s", pd.NaT, "2s"])
    db["turns"] = audformat.Table(index)
    for name, scheme, cells in (("speaker", "speaker", ["a", "b", "b"]), ("tension", "vad", [0, 100, 50])):
        db["turns"][name] = audformat.Column(scheme_id=scheme)
        db["turns"][name].set(cells)
    db.save(str(database))
    changes = {"tables": "emotion.train", "columns": {"speaker": "turns.speaker"}}
    corpus = read(database, "audformat", audformat=settings(**changes, tasks={"tension": {"column": "turns.tension"}}))
    rows = corpus.utterances.sort_values(["audio", "start"])
    assert rows["speaker"].tolist() == ["a", "b", "b", "b"]
    assert rows["tension"].tolist() == [1.0, 5.0, 3.0, 3.0]
    assert corpus.about.tasks[0].scale == (0.0, 100.0)


def test_class_edges_are_on_the_scale_of_the_scheme(database):
    tasks = {"arousal": {"edges": [40, 60]}}
    assert read(database, "audformat", audformat=settings(tasks=tasks)).about.tasks[0].knots == (0, 40, 60, 100)
    with pytest.raises(
        AttuneError, match=r"tasks\.arousal: a scale from 0 to 100 cannot have the class edges 40 and 600"
    ):
        read(database, "audformat", audformat=settings(tasks={"arousal": {"edges": [40, 600]}}))


def test_tables_whose_schemes_have_different_scales_are_not_put_on_the_first_ones(database):
    db = audformat.Database.load(str(database))
    db.schemes["seven"] = audformat.Scheme("float", minimum=1, maximum=7)
    db["emotion.test"]["arousal"] = audformat.Column(scheme_id="seven")
    db["emotion.test"]["arousal"].set([1, 2, 6, 7])
    db.save(str(database))
    with pytest.raises(AttuneError, match=r"tasks\.arousal: the tables' schemes have different scales"):
        read(database, "audformat", audformat=settings())


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"tables": "emotion"}, r"there is no table 'emotion'\n  It has emotion.test, emotion.train, files"),
        ({"columns": {"speaker": "who"}}, "there is no column 'who'"),
        ({"columns": {"speaker": "files.who"}}, r"there is no column 'files\.who'"),
        ({"tasks": {"tension": {}}}, "there is no column 'tension'"),
        ({"tasks": {}}, "tasks"),
    ],
)
def test_what_the_database_does_not_have_is_named(database, changes, says):
    with pytest.raises(AttuneError, match=says):
        read(database, "audformat", audformat=settings(**changes))


def test_a_table_that_the_disk_does_not_give_is_not_called_a_pickle(database):
    (database / "db.more.csv").mkdir()
    with pytest.raises(AttuneError) as caught:
        read(database, "audformat", audformat=settings())
    assert "db.more.csv" in str(caught.value)
    assert "pickle" not in str(caught.value)


def test_a_folder_without_a_header_is_named(tmp_path):
    with pytest.raises(AttuneError, match=r"contains no db\.yaml"):
        read(tmp_path, "audformat", audformat=settings())


class Touch:
    """Unpickled, it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, "w")


def test_nothing_in_a_database_is_run_and_nothing_is_written_into_it(database, tmp_path_factory):
    made = tmp_path_factory.mktemp("elsewhere") / "made"
    before = read(database, "audformat", audformat=settings()).utterances
    pickled = database / "db.emotion.train.pkl"
    pickled.write_bytes(pickle.dumps(Touch(str(made))))
    names = sorted(path.name for path in database.iterdir())
    pd.testing.assert_frame_equal(read(database, "audformat", audformat=settings()).utterances, before)
    assert sorted(path.name for path in database.iterdir()) == names
    next(database.glob("db.emotion.train.[cp][sa]*")).unlink()
    with pytest.raises(AttuneError, match="as CSV or Parquet"):
        read(database, "audformat", audformat=settings())
    with (database / "db.yaml").open("a") as header:
        header.write(f"\nmeta: !!python/object/apply:builtins.open [{made}, w]\n")
    with pytest.raises(AttuneError, match="cannot be read as an audformat database"):
        read(database, "audformat", audformat=settings())
    assert not made.exists()
