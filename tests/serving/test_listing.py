"""What there is to score: lists as people write them, folders as disks have them, and nothing dropped in silence."""

import codecs
import json
import os
import socket
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from nobody import nobody

from attune.api import Model
from attune.cli.models import scoring
from attune.errors import AttuneError
from attune.serving import batch_scoring, listing, lists, score_tables
from attune.serving.listing import Item


def items(path: Path) -> list[Item]:
    return listing.find([path]).items


def names(path: Path) -> list[str]:
    return [item.path.name for item in items(path)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.csv", b"path\n007\nNA\n"),
        ("list.csv", b"\xef\xbb\xbfpath\r\n007\r\nNA\r\n"),
        ("list.csv", b"Path;n\n007;1\nNA;2\n"),
        ("list.csv", b" path,n\n007,1\nNA,2\n"),
        ("list.csv", b"n\tFILE\n1\t007\n2\tNA\n"),
        ("list.tsv", b"filename\tn\n007\t1\nNA\t2\n"),
        ("list.csv", codecs.BOM_UTF16_LE + "path,n\n007,1\nNA,2\n".encode("utf-16-le")),
        ("list.CSV", b'"file","n"\n"007","1,5"\n"NA",""\n'),
    ],
)
def test_a_list_is_read_however_it_was_saved_and_its_cells_are_text(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert names(tmp_path / name) == ["007", "NA"]


@pytest.mark.parametrize("coding", ["utf-8", "cp1252"])
def test_umlauts_are_found_on_the_disk_whatever_the_list_is_written_in(tmp_path, coding):
    (tmp_path / "grüße.wav").touch()
    (tmp_path / "list.csv").write_bytes("path;who\ngrüße.wav;Jürgen\n".encode(coding))
    (item,) = items(tmp_path / "list.csv")
    assert item.path.exists()
    assert item.more == {"who": "Jürgen"}


def test_a_name_that_is_no_utf8_is_found_by_its_bytes_and_shown_with_them(tmp_path):
    Path(os.fsdecode(bytes(tmp_path) + b"/odd\xff.wav")).touch()
    (tmp_path / "list.csv").write_bytes(b"path\nodd\xff.wav\n")
    (item,) = items(tmp_path / "list.csv")
    assert item.path.exists()
    assert listing.shown(item.path).endswith("odd\\xff.wav")
    assert [one.path.name for one in listing.find([tmp_path]).items] == [item.path.name]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"path,path\na.wav,b.wav\n", "two columns are named 'path'"),
        (b"path\na.wav,b.wav\n", "row 1: has 2 cells, and there are 1 columns"),
        (b"path,end\na.wav,inf\n", "row 1: 'inf' is neither seconds nor a time"),
        (b"path,end\na.wav,0:5\n", "row 1: '0:5' is neither seconds nor a time"),
        (b"", "is empty"),
        (b"\x00\x01\x02", "is not a text file"),
    ],
)
def test_what_would_be_guessed_at_is_refused(tmp_path, content, what):
    (tmp_path / "list.csv").write_bytes(content)
    with pytest.raises(AttuneError, match=what):
        items(tmp_path / "list.csv")


def test_a_decimal_comma_is_one_and_trailing_separators_name_nothing(tmp_path):
    (tmp_path / "list.csv").write_bytes(b"path;start;end;;\na.wav;0,5;1,25;;\n")
    assert items(tmp_path / "list.csv") == [Item(tmp_path / "a.wav", 0.5, 1.25, {})]


def test_a_tilde_that_is_nobodys_home_is_a_files_own_name(tmp_path):
    (tmp_path / "list.csv").write_text("file\n~nobody-of-this-name.wav\n")
    assert items(tmp_path / "list.csv") == [Item(tmp_path / "~nobody-of-this-name.wav", None, None, {})]


def test_parts_are_seconds_or_audformats_times(tmp_path):
    index = pd.MultiIndex.from_arrays(
        [["a.wav", "a.wav"], pd.to_timedelta(["0s", "1.5s"]), pd.to_timedelta(["2s", None])],
        names=["file", "start", "end"],
    )
    pd.DataFrame({"speaker": [1, 2]}, index=index).to_parquet(tmp_path / "segments.parquet")
    pd.DataFrame({"speaker": [1, 2]}, index=index).reset_index().to_csv(tmp_path / "segments.csv", index=False)
    (tmp_path / "plain.csv").write_text("path,start,end\na.wav,0,2\na.wav,1.5,\n")
    for name in ("segments.parquet", "segments.csv", "plain.csv"):
        assert [(item.start, item.end) for item in items(tmp_path / name)] == [(None, 2.0), (1.5, None)]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("list.csv", "sound\na.wav\n", "needs a column 'path'.*it has sound"),
        ("list.csv", "path,x\na.wav,1\n,1\n", "row 2: has no path"),
        ("list.csv", "path\n", "lists no files"),
        ("list.parquet", "no parquet", "cannot be read as a table"),
        ("list.csv", "", "is empty"),
        ("list.csv", "path,start,end\na.wav,2,1\n", "row 1: start must be 0 or more and before end"),
        ("list.csv", "path,start\na.wav,soon\n", "'soon' is neither seconds nor a time"),
    ],
)
def test_a_list_that_cannot_be_right_is_an_error_that_names_the_row(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(AttuneError, match=message):
        items(tmp_path / name)
    with pytest.raises(AttuneError, match="no such list"):
        items(tmp_path / "gone.csv")


def test_a_folder_is_searched_and_each_file_taken_once(tmp_path):
    for name in ("b/two.FLAC", "one.wav", "notes.txt", "._one.wav", "call.m4a", ".git/x.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = listing.find([tmp_path, tmp_path / "one.wav"])
    assert [item.path.name for item in found.items] == ["one.wav", "two.FLAC"]
    assert {one.path.name: one.why for one in found.passed} == {
        "notes.txt": ".txt", "call.m4a": ".m4a", "._one.wav": "hidden", ".git": "hidden"
    }  # fmt: skip


def test_linked_folders_are_entered_once_and_loops_end(tmp_path):
    (tmp_path / "voices").mkdir()
    (tmp_path / "voices/a.wav").touch()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/b.wav").touch()
    (tmp_path / "voices/linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "voices/again").symlink_to(tmp_path / "voices")
    found = listing.find([tmp_path / "voices"])
    assert [item.path.name for item in found.items] == ["a.wav", "b.wav"]
    assert [(one.path.name, one.why) for one in found.passed] == [("again", "a folder that is already searched")]


def test_a_folder_without_audio_says_what_it_has(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(
        AttuneError, match=r"no audio files below this folder; 1 others are there, such as .*notes\.txt"
    ):
        listing.find([tmp_path])


def scored(*keys) -> pd.DataFrame:
    rows = [(*key, 3.0, None, None) for key in keys]
    return pd.DataFrame(rows, columns=["path", "start", "end", "arousal", "warnings", "error"])


def test_a_standard_input_that_is_closed_is_empty(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    with batch_scoring._stream(listing.STANDARD_INPUT) as stream:
        assert stream.read() == b""


def test_every_row_of_a_list_is_in_the_output_with_its_columns(tmp_path):
    (tmp_path / "list.csv").write_text("path,speaker,arousal\na.wav,7,low\na.wav,8,high\n")
    found = items(tmp_path / "list.csv")
    table = score_tables.joined(found, scored(found[0].key), "attune/1")
    assert list(table["speaker"]) == ["7", "8"]
    assert list(table["listed_arousal"]) == ["low", "high"]
    assert list(table["arousal"]) == [3.0, 3.0]
    assert "start" not in table


def test_no_column_of_a_list_replaces_another(tmp_path):
    (tmp_path / "list.csv").write_text("path,listed_error,error\na.wav,older,old\n")
    found = items(tmp_path / "list.csv")
    table = score_tables.joined(found, scored(found[0].key), "attune/2")
    assert table.loc[0, ["listed_error", "listed_listed_error"]].tolist() == ["older", "old"]


def test_cells_of_a_list_that_are_lists_or_infinite_are_kept(tmp_path):
    rows = {"path": ["a.wav"], "vector": [[1.0, float("nan")]], "about": [{"level": 1}], "snr": [float("inf")]}
    pd.DataFrame(rows).to_parquet(tmp_path / "list.parquet")
    found = items(tmp_path / "list.parquet")
    told = json.loads(score_tables.text(score_tables.joined(found, scored(found[0].key), "attune/1")))
    assert [told[name] for name in ("vector", "about", "snr")] == [[1, None], {"level": 1}, "inf"]


def test_a_full_disk_under_the_journal_is_named(tmp_path):
    journal = score_tables.Journal(tmp_path / "scores.csv", "attune/1")
    journal.path = Path("/dev/full")
    with pytest.raises(OSError, match="/dev/full"):
        journal.append(scored(("a.wav", None, None)), {"a.wav": None})


def test_a_recording_that_changed_while_it_was_scored_is_scored_again_when_the_run_goes_on(tmp_path, monkeypatch):
    recording = tmp_path / "a.wav"
    recording.write_text("first")

    def score(model, found):
        recording.write_text("another, once this one was heard")
        return scored(found[0].key)

    monkeypatch.setattr(batch_scoring, "score", score)
    journal = score_tables.Journal(tmp_path / "scores.csv", "attune/1")
    scoring._score(None, [Item(recording)], journal)
    assert journal.read().empty


def test_a_model_that_is_given_nothing_says_so():
    with pytest.raises(AttuneError, match="there is nothing to score"):
        Model("attune/1", None).score([])


@pytest.mark.parametrize("form", score_tables.FORMS)
def test_every_form_of_table_has_the_same_rows(tmp_path, form):
    name = "a \"b\" c,;\n\t'd' ü.wav"
    table = score_tables.joined([Item(Path(name), 0.5, 2.0, {"who": "x"})], scored((name, 0.5, 2.0)), "attune/1")
    out = tmp_path / f"scores{form}"
    score_tables.write(table, out)
    read = {
        ".csv": pd.read_csv,
        ".parquet": pd.read_parquet,
        ".json": pd.read_json,
        ".jsonl": lambda path: pd.read_json(path, lines=True),
    }[form](out)
    assert read.loc[0, ["path", "start", "end", "arousal", "who"]].tolist() == [name, 0.5, 2.0, 3.0, "x"]


def test_a_table_is_refused_a_place_that_is_not_there_before_anything_is_scored(tmp_path):
    with pytest.raises(AttuneError, match="no such folder"):
        score_tables.check(tmp_path / "reuslts/scores.csv")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(AttuneError, match=r"must end in \.csv"):
        score_tables.check(tmp_path / "scores.txt")
    (tmp_path / "list.csv").write_text("path\na.wav\n")
    with pytest.raises(AttuneError, match="is the list to score, and would be replaced"):
        score_tables.check(tmp_path / "list.csv", [Path("-"), tmp_path / "../" / tmp_path.name / "list.csv"])


def test_lists_and_audio_have_different_endings():
    assert not lists.SUFFIXES & listing.AUDIO


def test_a_file_that_no_table_could_tell_from_another_is_named_and_not_scored(tmp_path):
    for name in (b"odd\xff.wav", b"odd\\xff.wav", b"else.wav"):
        Path(os.fsdecode(bytes(tmp_path) + b"/" + name)).touch()
    found = listing.find([tmp_path])
    assert len(found.items) == 2
    assert [one.why for one in found.passed] == ["shown under the same name as another file"]
    assert len({item.key for item in found.items}) == 2


def test_what_may_keep_a_reader_waiting_is_passed_over_in_a_folder_and_an_error_in_a_list(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(tmp_path / "socket.wav"))
    (tmp_path / "null.wav").symlink_to("/dev/zero")
    (tmp_path / "a.wav").touch()
    found = listing.find([tmp_path])
    assert [item.path.name for item in found.items] == ["a.wav"]
    why = "a pipe, socket or device"
    assert [(one.path.name, one.why) for one in found.passed] == [
        (name, why) for name in ("null.wav", "pipe.wav", "socket.wav")
    ]
    (tmp_path / "list.csv").write_text("path\npipe.wav\nsocket.wav\nnull.wav\n")
    faults = [batch_scoring.fault(item) for item in items(tmp_path / "list.csv")]
    kinds = ("a pipe", "a socket", "a device")
    assert [fault.partition(": ")[2] for fault in faults] == [f"is {kind}, not a file" for kind in kinds]
    for suffix in (".csv", ".parquet"):
        os.mkfifo(tmp_path / f"pipe{suffix}")
        with pytest.raises(AttuneError, match="a pipe, not a file"):
            listing.find([tmp_path / f"pipe{suffix}"])


def test_a_pipe_that_is_named_itself_is_read_like_standard_input(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    found = listing.find([tmp_path / "pipe.wav", Path("-")]).items
    assert [item.is_stream for item in found] == [True, True]


def test_what_may_not_be_read_is_named_and_the_rest_is_scored():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for place in ("a.wav", "shut/b.wav", "listed/c.wav"):
            (folder / place).parent.mkdir(exist_ok=True)
            (folder / place).touch()
        (folder / "list.csv").write_text(f"path\na.wav\nshut/b.wav\n{'x' * 300}.wav\n")
        (folder / "shut").chmod(0)
        (folder / "listed").chmod(0o744)  # its names can be read, and nothing else
        try:
            with nobody():
                found = listing.find([folder])
                faults = [batch_scoring.fault(item) for item in items(folder / "list.csv")]
                assert [len(batch) for batch in batch_scoring.batches(items(folder / "list.csv"))] == [3]
        finally:
            (folder / "shut").chmod(0o755)
        assert [item.path.name for item in found.items] == ["a.wav"]
        assert {one.path.name: one.why for one in found.passed} == {
            "list.csv": ".csv", "shut": "an unreadable folder", "listed": "an unreadable folder"
        }  # fmt: skip
        assert [fault.partition(": ")[2] for fault in faults] == [
            "is empty: it has no bytes",
            "cannot be opened (Permission denied)",
            "cannot be opened (File name too long)",
        ]


@pytest.mark.parametrize(
    "written", ["M\u00fc.wav", "Mu\u0308.wav", "M\u00dc.WAV", " Mu\u0308.wav", "sub\\..\\mu\u0308.wav"]
)
@pytest.mark.parametrize("disk", ["M\u00fc.wav", "Mu\u0308.wav"])
def test_a_file_is_found_however_a_list_spells_its_name(tmp_path, disk, written):
    (tmp_path / "sub").mkdir()
    (tmp_path / disk).touch()
    (tmp_path / "list.csv").write_text(f"path\n{written}\n", encoding="utf-8")
    assert [path.resolve() for path in (item.path for item in items(tmp_path / "list.csv"))] == [tmp_path / disk]
    if "sub" not in written and not written.startswith(" "):
        assert [item.path for item in items(tmp_path / written)] == [tmp_path / disk]


def test_a_name_that_two_files_could_have_is_refused_with_both(tmp_path):
    for name in ("a.wav", "A.wav"):
        (tmp_path / name).touch()
    assert names(tmp_path) == ["A.wav", "a.wav"]
    with pytest.raises(AttuneError, match=r"'A\.wav' and 'a\.wav' differ from it only in case"):
        items(tmp_path / "a.WAV")


def test_empty_rows_of_a_list_are_none_and_a_row_without_a_name_is_refused(tmp_path):
    (tmp_path / "list.csv").write_text("path;who\na.wav;x\n;\n \t;\n\n", encoding="utf-8")
    assert names(tmp_path / "list.csv") == ["a.wav"]
    (tmp_path / "list.csv").write_text("path;who\na.wav;x\n  ;y\n", encoding="utf-8")
    with pytest.raises(AttuneError, match="row 2: has no path"):
        items(tmp_path / "list.csv")


@pytest.mark.parametrize(
    ("name", "kind"), [("list.xlsx", "a spreadsheet"), ("LIST.ODS", "a spreadsheet"), ("list.txt", "neither audio nor")]
)
def test_a_list_of_another_kind_is_no_audio_and_stops_nothing_else(tmp_path, name, kind):
    (tmp_path / name).write_bytes(b"PK\x03\x04")
    (tmp_path / "a.wav").touch()
    found = listing.find([tmp_path / "a.wav", tmp_path / name])
    assert [item.path.name for item in found.items] == ["a.wav"]
    assert [one.path.name for one in found.passed] == [name]
    with pytest.raises(AttuneError, match=kind) as caught:
        listing.find([tmp_path / name])
    assert "as CSV" in caught.value.remedy


@pytest.mark.parametrize("address", ["https://a.b/c.wav", " s3://bucket/c.wav", "file:///c.wav"])
def test_an_address_in_a_list_is_refused_as_one_with_its_row(tmp_path, address):
    (tmp_path / "list.csv").write_text(f"path\na.wav\n{address}\n")
    with pytest.raises(AttuneError, match=r"list\.csv, row 2: .* is an address, not a path"):
        listing.find([tmp_path / "list.csv"])
