"""Tables as spreadsheets, scripts and colleagues write them: read as they are meant, or refused by name."""

import datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from reading import read

from attune.errors import AttuneError

ROW = {"audio": "a/0.wav", "speaker": "s1", "start": 1.0, "end": 2.5, "arousal": 3.5}


@pytest.fixture
def root(tmp_path):
    (tmp_path / "a").mkdir()
    for number in range(3):
        (tmp_path / f"a/{number}.wav").touch()
    return tmp_path


def only_row(root, files="labels.csv", parted=True):
    names = ("speaker", "start", "end") if parted else ("speaker",)
    columns = {name: name for name in names}
    found = read(root, "table", table={"files": files, "columns": columns, "tasks": {"arousal": {}}}).utterances
    (row,) = found[list(ROW)].to_dict("records")
    return row


@pytest.mark.parametrize(
    "text",
    [
        "audio,speaker,start,end,arousal\na/0.wav,s1,1,2.5,3.5\n",
        "\ufeffaudio;speaker;start;end;arousal\r\na/0.wav;s1;1;2,5;3,5\r\n",
        "sep=;\r\naudio;speaker;start;end;arousal\r\na/0.wav;s1;1;2,5;3,5\r\n",
        "audio;speaker;start;end;arousal;;\r\na/0.wav;s1;1;2,5;3,5;;\r\n;;;;;;\r\n",
        ",audio,speaker,start,end,arousal\n0,a/0.wav,s1,1,2.5,3.5\n",
        "audio\tspeaker\tstart\tend\tarousal\na\\0.wav\ts1\t00:00:01\t00:00:02.5\t3.5\n",
        "audio|speaker|start|end|arousal\n./a//0.wav|s1|0 days 00:00:01|0 days 00:00:02.500000|35e-1\n",
        "audio;speaker;start;end;arousal\ra/../a/0.wav;s1;00:00:01,0;00:00:02,5;3,5\r",
        " audio , speaker , start , end , arousal \n a/0.wav , s1 , 1 , 2.5 , 3.5 \n",
        '"audio","speaker","start","end","arousal"\n"a/0.wav","s1","1","2.5","3.5"\n',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_a_row_is_the_same_however_it_is_written(root, text, encoding):
    (root / "labels.csv").write_bytes(text.encode(encoding))
    assert only_row(root) == ROW


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"start": pd.Timedelta("1s"), "end": pd.Timedelta("2.5s")},
        {"start": datetime.time(0, 0, 1), "end": datetime.time(0, 0, 2, 500000)},
        {"arousal": Decimal("3.5")},
        {"audio": b"a/0.wav", "speaker": b"s1"},
        {"unused": [1, 2]},
    ],
)
@pytest.mark.parametrize("index", [None, "audio", ["audio", "start", "end"]])
def test_parquet_is_read_whatever_types_it_has_and_with_its_index(root, changes, index):
    table = pd.DataFrame([ROW | changes])
    (table.set_index(index) if index else table).to_parquet(root / "labels.parquet")
    assert only_row(root, "labels.parquet") == ROW


def test_an_absolute_path_is_told_from_the_root(root, monkeypatch):
    monkeypatch.chdir(root.parent)
    text = f"audio,speaker,arousal\n{root}/a/0.wav,s1,3.5\n"
    (root / "labels.csv").write_text(text)
    for place in (root, Path(root.name)):
        assert only_row(place, parted=False)["audio"] == "a/0.wav"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("audio,speaker,start,end,arousal\na,s,1:30,2,3\n", r"csv:2: start: '1:30' is neither seconds nor a time"),
        ("audio,speaker,start,end,arousal\na,s,0,inf,3\n", r"csv:2: end: 'inf' is neither seconds nor a time"),
        ("sep=,\naudio,speaker,start,end,arousal\na,s,x,2,3\n", r"csv:3: start: 'x' is neither"),
        ("audio,speaker,start,end,arousal\na,s,0,2,50%\n", r"csv:2: arousal: '50%' is not a number"),
        ("audio,speaker,start,end,arousal\na,s,0,2\n", r"(?s)csv:2: has 4 cells.*Empty cells need their separator"),
        ('audio,speaker,start,end,arousal\na,s,0,2,"' + "x" * 200_000, r"(?s)csv:2: .*never closed"),
        ("audio,a\u0308,\u00e4\na,s,3\n", r"two columns are named '\u00e4'"),
    ],
)
def test_what_may_be_misread_is_refused_by_file_and_line(root, text, says):
    (root / "labels.csv").write_text(text, encoding="utf-8")
    with pytest.raises(AttuneError, match=says):
        only_row(root)


@pytest.mark.parametrize("cell", ["", "NA", "n/a", "#N/A", "#NV", "NaN", "<NA>", "NaT", "?", "-", "null"])
def test_what_stands_for_nothing_is_a_missing_value(root, cell):
    (root / "labels.csv").write_text(f"audio,speaker,start,end,arousal\na/0.wav,s1,{cell},{cell},{cell}\n")
    assert pd.Series(only_row(root))[["start", "end", "arousal"]].isna().all()
