"""A spreadsheet and recordings: whatever its columns, separators, encodings and scales are called."""

from pathlib import Path

import own_recordings
import pandas as pd
import pytest
from own_recordings import TABLE, rows
from reading import read

from attune.errors import AttuneError


@pytest.fixture
def root(tmp_path):
    return own_recordings.write(tmp_path / "mine", rate=8000)


def table(**changes) -> dict:
    return {**TABLE, **changes}


def test_every_row_is_an_utterance_with_its_speaker_its_part_of_the_file_and_its_line(root):
    corpus = read(root, "table", table=table())
    first = corpus.utterances.iloc[0]
    assert len(corpus.utterances) == 12 * 6
    assert (first["utterance"], first["speaker"]) == ("wavs/P01 (größer)@0-0.5", "P01")
    assert (first["audio"], first["start"], first["end"]) == ("wavs/P01 (größer).flac", 0.0, 0.5)
    assert (first["source"], first["line"], first["gender"]) == ("labels.csv", 2, "M")
    assert corpus.about.segments
    assert corpus.about.speakers_known
    assert not corpus.about.sessions_known


def test_ratings_are_brought_to_one_to_five_so_that_the_edges_keep_their_classes(root):
    utterances = read(root, "table", table=table()).utterances
    own = rows()
    by_arousal = dict(zip(own["act"], utterances.loc[utterances["speaker"] == "P01", "arousal"], strict=False))
    assert by_arousal == pytest.approx({1.0: 1.0, 2.0: 1 + 4 / 6, 3.5: 1 + 10 / 6, 4.0: 3.0, 5.5: 4.0, 6.5: 1 + 22 / 6})
    tension = dict(zip(own["ten"], utterances["tension"], strict=True))
    assert tension[3.5] == pytest.approx(2.5)  # between the edges 3 and 5, which are 2 and 4 inside
    assert tension[2.0] == pytest.approx(1.5)
    assert tension[6.5] == pytest.approx(4.75)


@pytest.mark.parametrize(
    ("name", "separator", "encoding", "decimal"),
    [
        ("labels.csv", ";", "utf-8", ","),
        ("labels.csv", ",", "utf-16", "."),
        ("labels.csv", ",", "utf-16-le", "."),
        ("labels.csv", ";", "latin-1", "."),
        ("labels.csv", "|", "utf-8-sig", "."),
        ("labels.tsv", "\t", "utf-8", "."),
        ("labels.txt", "\t", "utf-8", "."),
    ],
)
def test_any_separator_encoding_and_decimal_sign_gives_the_same_corpus(root, name, separator, encoding, decimal):
    expected = read(root, "table", table=table()).utterances
    (root / "labels.csv").unlink()
    rows().to_csv(root / name, index=False, sep=separator, encoding=encoding, decimal=decimal)
    found = read(root, "table", table=table(files=name)).utterances
    pd.testing.assert_frame_equal(found.drop(columns="source"), expected.drop(columns="source"))


def test_parquet_gives_the_same_corpus(root):
    expected = read(root, "table", table=table()).utterances.drop(columns=["source", "line"])
    rows().to_parquet(root / "labels.parquet")
    found = read(root, "table", table=table(files="labels.parquet")).utterances
    pd.testing.assert_frame_equal(found.drop(columns=["source", "line"]), expected)


def test_several_tables_are_one_corpus(root):
    own = rows()
    own[:30].to_csv(root / "one.csv", index=False)
    own[30:].to_csv(root / "two.csv", index=False)
    found = read(root, "table", table=table(files=["one.csv", "two.csv"])).utterances
    assert found["source"].value_counts().to_dict() == {"two.csv": 42, "one.csv": 30}


def test_empty_columns_at_the_end_as_spreadsheets_leave_them_do_not_count(root):
    (root / "one.csv").write_text("audio;arousal;;\na.wav;3;;\n;;;\n")
    (root / "two.csv").write_text("audio;arousal;note;;\nb.wav;2;;;\n")
    found = read(root, "table", table={"files": ["one.csv", "two.csv"], "tasks": {"arousal": {}}}).utterances
    assert found[["utterance", "arousal"]].to_numpy().tolist() == [["a", 3.0], ["b", 2.0]]


def test_names_that_look_like_numbers_and_missing_values_stay_names(root):
    own = rows().assign(who="007", act="NA")
    own.to_csv(root / "labels.csv", index=False)
    found = read(root, "table", table=table()).utterances
    assert set(found["speaker"]) == {"007"}
    assert found["arousal"].isna().all()


def test_what_is_off_the_scale_stays_off_it(root):
    rows().assign(act=8.0, ten=0.0).to_csv(root / "labels.csv", index=False)
    found = read(root, "table", table=table()).utterances
    assert (found["arousal"] > 5).all()
    assert (found["tension"] < 1).all()


def test_a_second_table_has_the_raters(root):
    own = rows()
    pd.DataFrame(
        {"clip": own["Datei"] + "@" + own["who"], "by": "A", "me": "yes", "act": 7, "ten": 1, "mood": "Happy"}
    ).head(2).to_csv(root / "raters.csv", index=False)
    utterance = read(root, "table", table=table()).utterances["utterance"][0]
    given = (root / "raters.csv").read_text().splitlines()
    given[1] = given[1].replace(given[1].split(",")[0], utterance)
    (root / "raters.csv").write_text("\n".join(given))
    raters = {"files": "raters.csv", "utterance": "clip", "rater": "by", "own": "me"}
    ratings = read(root, "table", table=table(raters=raters)).ratings
    row = ratings[ratings["utterance"] == utterance].iloc[0]
    assert (row["rater"], row["kind"], row["self_report"]) == ("A", "dimensional", True)
    assert (row["arousal"], row["tension"], row["mood"]) == (5.0, 1.0, 1.0)


@pytest.mark.parametrize(("word", "own"), [("Y", True), ("1.0", True), ("No", False), ("0", False), ("", False)])
def test_whoever_rates_themselves_is_marked_in_any_usual_word(root, word, own):
    (root / "raters.csv").write_text(f"audio,by,self,arousal\na.wav,A,{word},3\n")
    raters = {"files": "raters.csv", "utterance": "audio", "rater": "by", "own": "self"}
    assert small(root, "audio,arousal\na.wav,3\n", raters=raters).ratings["self_report"].tolist() == [own]


def test_ratings_that_name_no_rater_are_of_different_people(root):
    (root / "raters.csv").write_text("audio,by,arousal\na.wav,,3\na.wav,?,4\na.wav,A,5\n")
    raters = {"files": "raters.csv", "utterance": "audio", "rater": "by"}
    assert small(root, "audio,arousal\na.wav,3\n", raters=raters).utterances["raters"].tolist() == [3]


def test_a_word_that_is_neither_yes_nor_no_is_named_with_its_line(root):
    (root / "raters.csv").write_text("audio,by,self,arousal\na.wav,A,no,3\na.wav,B,ja,3\n")
    raters = {"files": "raters.csv", "utterance": "audio", "rater": "by", "own": "self"}
    with pytest.raises(AttuneError, match=r"raters\.csv:3: self: 'ja' is neither yes nor no"):
        small(root, "audio,arousal\na.wav,3\n", raters=raters)


def test_partitions_are_known_by_their_usual_names_and_further_tests_keep_theirs(root):
    own = rows().assign(split=["Train", "Development", "Test1", "Test2", "val", "training"] * 12)
    own.to_csv(root / "labels.csv", index=False)
    columns = {**TABLE["columns"], "partition": "split"}
    found = read(root, "table", table=table(columns=columns)).utterances
    assert found["partition"].value_counts().to_dict() == {"train": 24, "development": 24, "test1": 12, "test2": 12}
    rows().assign(split="Probe").to_csv(root / "labels.csv", index=False)
    with pytest.raises(AttuneError, match=r"labels\.csv:2: split: 'Probe' is an unknown partition"):
        read(root, "table", table=table(columns=columns))
    found = read(root, "table", table=table(columns=columns, partitions={"Probe": "train"})).utterances
    assert set(found["partition"]) == {"train"}


def test_without_speakers_every_utterance_is_by_itself_and_the_corpus_says_so(root):
    columns = {name: column for name, column in TABLE["columns"].items() if name != "speaker"}
    corpus = read(root, "table", table=table(columns=columns))
    assert not corpus.about.speakers_known
    assert corpus.utterances["speaker"].equals(corpus.utterances["utterance"])


def test_a_session_is_not_taken_for_a_speaker(root):
    text = "audio,arousal,show\na.wav,3,x\nb.wav,3,x\nc.wav,3,y\n"
    found = small(root, text, columns={"session": "show"}).utterances
    assert found["session"].tolist() == ["x", "x", "y"]
    assert found["speaker"].tolist() == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"files": "label.csv"}, "label.csv: no such table"),
        ({"files": "../labels.csv"}, "a table outside corpus.root"),
        ({"columns": {"audio": "datei"}}, "(?s)there is no column 'datei'.*Did you mean 'Datei'"),
        ({"columns": {"audio": "Datei", "speeker": "who"}}, "unknown parameter 'columns.speeker'"),
        ({"tasks": {"train": {}}}, "'train' cannot name a task"),
        ({"tasks": {"a-b": {}}}, "'a-b' cannot name a task"),
        (
            {"tasks": {"arousal": {"edges": [2, 3, 4]}}},
            r"tasks\.arousal: 3 edges part 4 classes; name as many in classes",
        ),
        ({"tasks": {"arousal": {"classes": ["low", "high"], "scale": [1, 7]}}}, "2 edges part 3 classes"),
        ({"tasks": {"emotion": {"classes": ["happy", "happy"]}}}, "each named once"),
        ({"tasks": {"emotion": {"classes": ["happy", "score"]}}}, "'score' cannot name a class"),
        (
            {"tasks": {**TABLE["tasks"], "valence": {"scale": [5, 1]}}},
            r"tasks\.valence: a scale from 5 to 1: its lowest rating comes first",
        ),
        ({"tasks": {**TABLE["tasks"], "valence": {"edges": [4, 2]}}}, r"tasks\.valence: .* class edges 4 and 2"),
        (
            {"tasks": {**TABLE["tasks"], "valence": {"edges": [2, 6]}}},
            "from 1 to 5 cannot have the class edges 2 and 6",
        ),
        ({"tasks": {**TABLE["tasks"], "valence": {"scale": [float("-inf"), 5], "edges": [1, 2]}}}, "from -inf to 5"),
        ({"tasks": {**TABLE["tasks"], "valence": {"scale": [0, float("nan")]}}}, "a scale from 0 to nan cannot have"),
        ({"tasks": {**TABLE["tasks"], "valence": {"column": "sex"}}}, r"(?s)labels.csv:2: sex: 'male' is not a number"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_key_or_its_line(root, changes, says):
    with pytest.raises(AttuneError, match=says):
        read(root, "table", table=table(**changes))


def test_a_recording_outside_the_root_is_refused(root):
    rows().assign(Datei="../elsewhere.wav").to_csv(root / "labels.csv", index=False)
    with pytest.raises(AttuneError, match=r"a recording outside corpus\.root"):
        read(root, "table", table=table())


def test_paths_with_backslashes_or_decomposed_accents_find_their_files(root):
    import unicodedata

    odd = rows()["Datei"].map(lambda path: unicodedata.normalize("NFD", path.replace("/", "\\")))
    rows().assign(Datei=odd).to_csv(root / "labels.csv", index=False)
    found = read(root, "table", table=table()).utterances
    assert all((root / path).is_file() for path in found["audio"])


def test_a_row_with_too_many_cells_is_named_by_its_line(root):
    with (root / "labels.csv").open("a") as file:
        file.write("a,b,c\n")
    with pytest.raises(AttuneError, match=r"labels.csv:74: has 3 cells, and the header names 8 columns"):
        read(root, "table", table=table())


def test_a_kind_nobody_knows_and_a_section_of_another_kind_are_refused(root):
    with pytest.raises(AttuneError, match="there is no kind of corpus 'tabel'"):
        read(root, "tabel")
    with pytest.raises(ValueError, match=r"unknown parameter 'corpus\.table' \(the kind is iemocap\)"):
        read(root, "iemocap", table=table())
    with pytest.raises(AttuneError, match=r"corpus\.table: is empty"):
        read(root, "table")


def small(root, text, **table):
    """A corpus of the recordings that a text names, which need not be there."""
    (root / "labels.csv").write_text(text, encoding="utf-8")
    columns = {name: name for name in ("speaker", "start", "end", "gender", "partition") if f",{name}" in text}
    return read(root, "table", table={"files": "labels.csv", "columns": columns, "tasks": {"arousal": {}}, **table})


def test_missing_cells_are_missing_values_wherever_they_are(root):
    text = "audio,arousal,speaker,gender\na.wav,,s1,f\n,3,s1,divers\nc.wav,3,,\n"
    found = small(root, text).utterances.set_index("line")
    assert found["utterance"].to_dict() == {2: "a", 3: "labels.csv:3", 4: "c"}
    assert found["gender"].to_dict() == {2: "F", 3: "divers", 4: "unknown"}
    assert found["speaker"].to_dict() == {2: "s1", 3: "s1", 4: "c"}
    assert found["arousal"].isna().to_dict() == {2: True, 3: False, 4: False}
    assert found["audio"].isna().to_dict() == {2: False, 3: True, 4: False}


@pytest.mark.parametrize("columns", [{"speaker": "speaker"}, {}])
def test_a_missing_session_is_the_speakers_own_and_a_missing_dialog_the_session(root, columns):
    columns |= {"session": "show", "dialog": "talk"}
    text = "audio,arousal,speaker,show,talk\na.wav,3,s1,x,t1\nb.wav,3,s1,x,\nc.wav,3,c,,\n"
    found = small(root, text, columns=columns).utterances
    assert found["session"].tolist() == ["x", "x", "c"]
    assert found["dialog"].tolist() == ["t1", "x", "c"]


def test_a_part_without_an_end_or_a_start_is_named_by_what_is_known(root):
    text = "audio,arousal,start,end\na.wav,3,0.5,\na.wav,3,,0.5\nb.wav,3,,\n"
    assert small(root, text).utterances["utterance"].tolist() == ["a@-0.5", "a@0.5-", "b"]


def test_an_id_made_from_a_path_and_times_is_not_cut_short(root):
    text = "audio,arousal,start,end\nv1.0/a,3,,\nv1.0/b,3,,\nlong.wav,3,36000.121,36001\nlong.wav,3,36000.124,36001\n"
    found = small(root, text).utterances["utterance"]
    assert found.tolist() == ["long@36000.121-36001", "long@36000.124-36001", "v1.0/a", "v1.0/b"]


@pytest.mark.parametrize(("low", "high"), [(0, 100), (1, 7), (-1, 1), (0.5, 0.75)])
def test_any_scale_has_its_ends_quarters_and_middle_where_one_to_five_has_them(root, low, high):
    given = [low + share * (high - low) for share in (0, 0.25, 0.5, 0.75, 1)]
    text = "audio,arousal\n" + "".join(f"{number}.wav,{rating}\n" for number, rating in enumerate(given))
    corpus = small(root, text, tasks={"arousal": {"scale": [low, high]}})
    assert corpus.utterances["arousal"].tolist() == pytest.approx([1, 2, 3, 4, 5])
    [task] = corpus.about.tasks
    assert task.own(corpus.utterances["arousal"]).tolist() == pytest.approx(given)
    assert task.to_class(corpus.utterances["arousal"]).tolist() == [0, 0, 1, 2, 2]


def test_partitions_are_known_in_any_case_as_are_the_names_that_params_give_them(root):
    text = "audio,arousal,partition\na.wav,3,TRAIN\nb.wav,3,Dev\nc.wav,3,PROBE\nd.wav,3,probe\ne.wav,3,\n"
    found = small(root, text, partitions={"Probe": "Test"}).utterances["partition"]
    assert found.dropna().tolist() == ["train", "development", "test", "test"]


def test_a_rating_by_a_path_that_several_utterances_share_is_nobodys(root):
    (root / "raters.csv").write_text("clip,by,arousal\nx.wav,A,1\ny.wav,A,2\nz.wav,,3\n")
    raters = {"files": "raters.csv", "utterance": "clip", "rater": "by"}
    text = "audio,arousal,start,end\nx.wav,3,0,1\nx.wav,3,1,2\ny.wav,3,,\n"
    corpus = small(root, text, raters=raters, folder="clips")
    told = dict(zip(corpus.ratings["utterance"], corpus.ratings["arousal"], strict=True))
    assert told == {"x.wav": 1.0, "z.wav": 3.0, "clips/y": 2.0}
    assert set(corpus.ratings["rater"]) == {"A", "raters.csv:4"}


def test_a_rating_by_a_path_finds_it_in_any_spelling_as_the_utterance_does(root):
    (root / "clips").mkdir()
    (root / "clips/M\u00fc.wav").touch()
    (root / "raters.csv").write_text("clip,by,arousal\nclips\\Mu\u0308.WAV,A,1\nother,B,2\n", encoding="utf-8")
    raters = {"files": "raters.csv", "utterance": "clip", "rater": "by"}
    corpus = small(root, "audio,arousal\nclips\\Mu\u0308.WAV,1\n", raters=raters)
    assert corpus.ratings["utterance"].tolist() == ["clips/M\u00fc", "other"]


def test_a_rating_that_a_rater_left_out_does_not_count_as_one_of_its_task(root):
    (root / "raters.csv").write_text("clip,by,arousal,valence\na.wav,A,1,2\na.wav,B,,4\na.wav,C,3,3\nb.wav,A,,3\n")
    given = {
        "raters": {"files": "raters.csv", "utterance": "clip", "rater": "by"},
        "tasks": {"arousal": {}, "valence": {}},
    }
    rows = small(root, "audio,arousal,valence\na.wav,2,3\nb.wav,3,3\nc.wav,3,3\n", **given).utterances
    assert rows["raters"].tolist() == [3, 1, 0]
    assert rows["arousal_ratings"].tolist() == [2, 0, 0]
    assert rows["valence_ratings"].tolist() == [3, 1, 0]


def test_numbers_of_categories_have_no_spread(root):
    (root / "raters.csv").write_text("clip,by,arousal,mood\na,A,1,glad\na,B,3,low\n")
    raters = {"files": "raters.csv", "utterance": "clip", "rater": "by"}
    tasks = {"arousal": {}, "mood": {"classes": ["glad", "even", "low"]}}
    found = small(root, "audio,arousal,mood\na.wav,2,glad\n", tasks=tasks, raters=raters).utterances
    assert found["arousal_spread"].tolist() == pytest.approx([2**0.5])
    assert not {"mood_spread", "mood_self"} & {*found}


def test_a_word_that_is_no_category_is_noted_with_its_line(root):
    corpus = small(root, "audio,mood\na.wav,Glad\nb.wav,joy\n", tasks={"mood": {"classes": ["glad", "cross"]}})
    assert corpus.utterances["mood"].tolist()[0] == 0.0
    assert corpus.notes.to_dict("records") == [
        {"note": "unknown-word", "source": "labels.csv", "line": 3, "text": "mood: 'joy'"}
    ]


@pytest.mark.parametrize("above", ["\n", " \n\n", ",\n", "sep=,\n\n"])
def test_blank_lines_above_the_header_are_passed_over_and_counted(root, above):
    row = small(root, f"{above}audio,arousal\na.wav,3\n").utterances.iloc[0]
    assert (row["audio"], row["line"]) == ("a.wav", above.count("\n") + 2)


@pytest.mark.parametrize(
    ("text", "changes", "says"),
    [
        (" \n\n", {}, r"(?s)labels\.csv: is empty"),
        ("audio,arousal\n", {}, r"(?s)labels\.csv: has no rows below its header"),
        ("audio,arousal,speaker\na.wav;3;s\n", {}, r"(?s)labels\.csv:2: has 1 cell, .*by ',', this line by ';'"),
        ('audio,arousal,said\na.wav,3,"Oh\nb.wav,3,"No\n', {}, r"labels\.csv:2: cannot be read on .*expected after"),
        ('audio,arousal,said\na.wav,3,\nb.wav,3,"Oh\nc.wav,3,\n', {}, r"labels\.csv:3: .*unexpected end of data"),
        ("audio,arousal\na.wav,3\nb.wav,-inf\n", {}, r"labels\.csv:3: arousal: '-inf' is not a number"),
        ("audio,arousal\na.wav,50%\n", {}, r"labels\.csv:2: arousal: '50%' is not a number"),
        ("audio,arousal\na.wav,3\n", {"partitions": {"x": "hold-out"}}, "'hold-out' is not train, development, test"),
        (
            "audio,mood\na.wav,good\n",
            {"tasks": {"mood": {"classes": {"up": ["good"], "down": ["bad", "Good"]}}}},
            "the word 'good' stands for two of them",
        ),
        (
            "audio,arousal\na.wav,3\n",
            {"raters": {"files": "labels.csv", "utterance": "audio", "rater": "audio", "own": "me"}},
            r"labels\.csv \(raters\.own\): there is no column 'me'",
        ),
    ],
)
def test_a_table_that_cannot_be_used_is_one_message_with_its_place(root, text, changes, says):
    with pytest.raises(AttuneError, match=says):
        small(root, text, **changes)


@pytest.mark.parametrize("protocol", ["leave-one-speaker-out", "5-fold"])
def test_one_speaker_cannot_be_tested_on_others_and_that_is_said(root, protocol):
    from attune.corpus.folds import folds
    from attune.corpus.protocols import partition

    text = "audio,arousal,speaker\n" + "".join(f"{number}.wav,3,x\n" for number in range(6))
    utterances = small(root, text).utterances
    with pytest.raises(AttuneError, match=r"(?s)the speakers form 1 part that share.*need three: more speakers"):
        partition(utterances, protocol, folds(utterances, protocol)[0])


NFC, NFD = "Mu\u0308ller/Gr\u00f6\u00dfe".replace("u\u0308", "\u00fc"), "Mu\u0308ller/Gro\u0308\u00dfe"


@pytest.mark.parametrize("disk", [NFC, NFD])
@pytest.mark.parametrize("written", [NFC, NFD, NFC.upper(), NFD.lower(), NFC.replace("/", "\\"), f"./{NFD}"])
def test_a_recording_is_found_in_any_spelling_and_named_as_the_disk_spells_it(tmp_path, monkeypatch, disk, written):
    monkeypatch.chdir(tmp_path.parent)
    (tmp_path / disk).parent.mkdir()
    (tmp_path / f"{disk}.wav").touch()
    found = small(Path(tmp_path.name), f"audio,arousal\n{written}.Wav,3\n").utterances
    assert found["audio"].tolist() == [f"{disk}.wav"]


def test_two_recordings_whose_names_look_alike_are_each_found_by_their_own(tmp_path):
    for name in ("M\u00fc.wav", "Mu\u0308.wav", "a.wav", "A.wav"):
        (tmp_path / name).touch()
    found = small(tmp_path, "audio,arousal\nM\u00fc.wav,1\nMu\u0308.wav,2\nA.wav,3\na.wav,4\n").utterances
    heard = dict(zip(found["audio"], found["arousal"], strict=True))
    assert heard == {"M\u00fc.wav": 1, "Mu\u0308.wav": 2, "A.wav": 3, "a.wav": 4}


@pytest.mark.parametrize(
    ("written", "both"),
    [("M\u00dc.wav", r"'Mu\\u0308\.wav' and 'M\\xfc\.wav'"), ("A.wAv", r"'A\.wav' and 'a\.wav'")],
)
def test_a_name_that_two_files_could_have_is_refused_with_both(tmp_path, written, both):
    for name in ("M\u00fc.wav", "Mu\u0308.wav", "a.wav", "A.wav"):
        (tmp_path / name).touch()
    with pytest.raises(AttuneError, match=both):
        small(tmp_path, f"audio,arousal\n{written},1\n")


def test_columns_words_speakers_and_partitions_are_the_same_however_their_accents_are_encoded(tmp_path):
    text = "audio,arousal,Gef\u00fchl,speaker,partition\na.wav,1,fr\u00f6h,M\u00fcller,Pr\u00fcfung\n"
    decomposed = "b.wav,1,fro\u0308h,Mu\u0308ller,Pru\u0308fung\n"
    tasks = {"mood": {"column": "Gefu\u0308hl", "classes": {"glad": ["fro\u0308h"], "sad": ["sad"]}}}
    found = small(tmp_path, text + decomposed, tasks=tasks, partitions={"Pru\u0308fung": "test"}).utterances
    assert found[["mood", "speaker", "partition"]].drop_duplicates().to_numpy().tolist() == [
        [0.0, "M\u00fcller", "test"]
    ]


def test_a_row_that_names_no_speaker_is_somebody_else_and_noted_with_its_line(root):
    text = "audio,who,arousal\na.wav,ann,3\nb.wav,,3\nc.wav,Unknown,3\nd.wav,-,3\n"
    corpus = small(root, text, columns={"speaker": "who"})
    assert corpus.utterances["speaker"].tolist() == ["ann", "b", "c", "d"]
    assert corpus.notes["line"].tolist() == [3, 4, 5]
    assert set(corpus.notes["note"]) == set(corpus.about.oddities) == {"unnamed-speaker"}


@pytest.mark.parametrize("path", ["https://a.b/c.wav", "s3://bucket/a.wav", "file:///a.wav"])
def test_an_address_is_refused_as_one_with_its_line(root, path):
    with pytest.raises(AttuneError, match=r"labels.csv:3: .* is an address, not a path"):
        small(root, f"audio,arousal\na.wav,3\n{path},3\n")
