"""Damage to one file of the spool never keeps the rest from being sent: it is set aside, with a word."""

import errno
import json
import os
import re

import pytest

from attune import environment, tags
from attune.tracking import client as mlflow_client
from attune.tracking.sending import execution, follow, sender, spool

pytestmark = pytest.mark.slow

ROW = {"network": "joint", "train_loss": 1.5}


@pytest.fixture
def files(here, monkeypatch):
    """The files of a training run that gets damaged, and of one after it."""
    monkeypatch.delenv(environment.TRACKING, raising=False)
    monkeypatch.setattr(follow, "_start_sender", lambda: None)
    monkeypatch.setattr(follow, "_check_once", lambda place: None)
    for fold in ("session1", "session2"):
        with follow.follow("mtl-att", fold, fold, {"train": {"seed": 1}}) as record:
            record(ROW | {"epoch": 1})
            record(ROW | {"epoch": 2})
    return spool.pending(spool.folder())


def lines(path):
    return path.read_bytes().splitlines(keepends=True)


def replace_line(number, change):
    def damage(path):
        kept = lines(path)
        kept[number] = change(kept[number])
        path.write_bytes(b"".join(kept))

    return damage


def event(**what):
    return lambda line: json.dumps({"time": json.loads(line)["time"], **what}).encode() + b"\n"


def sent_mark(text):
    return lambda path: path.with_suffix(".sent").write_text(text)


def become_a_folder(path):
    path.unlink()
    path.mkdir()


def become_a_pipe(path):
    path.unlink()
    os.mkfifo(path)


def exchanged(one, other):
    def damage(path):
        kept = lines(path)
        kept[one], kept[other] = kept[other], kept[one]
        path.write_bytes(b"".join(kept))

    return damage


def text(old, new):
    """In the line of the first epoch."""
    return replace_line(1, lambda line: line.replace(old, new))


def with_time(number, time):
    return replace_line(number, lambda line: re.sub(rb'"time": \d+', b'"time": %d' % time, line))


def in_the_beginning(**what):
    def change(line):
        event = json.loads(line)
        return json.dumps(event | {"begin": event["begin"] | what}).encode() + b"\n"

    return replace_line(0, change)


def a_hole_over_lines(path):
    """What a power cut leaves of a page: the ends of lines are gone too."""
    content, start = bytearray(path.read_bytes()), len(lines(path)[0])
    end = start + len(lines(path)[1])
    content[start + 20 : end + 20] = bytes(end - start)
    path.write_bytes(content)


def as_on_windows(path):
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def epochs_again(path):
    kept = lines(path)
    path.write_bytes(b"".join(kept[:3] + kept[1:3] + kept[3:]))


WHOLE_FILE = {
    "empty": lambda path: path.write_bytes(b""),
    "all NUL": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "not text": lambda path: path.write_bytes(bytes(range(128, 256)) * 20),
    "a NUL hole over the beginning": replace_line(0, lambda line: bytes(len(line) - 1) + b"\n"),
    "beginning lost": lambda path: path.write_bytes(b"".join(lines(path)[1:])),
    "beginning without its fold": replace_line(0, event(begin={"key": "k", "run_id": None, "system": "mtl-att"})),
    "a folder": become_a_folder,
    "a link to nothing": lambda path: (path.unlink(), path.symlink_to("nowhere")),
    "a link to itself": lambda path: (path.unlink(), path.symlink_to(path.name)),
    "a pipe": become_a_pipe,
    "in UTF-16": lambda path: path.write_bytes(path.read_text().encode("utf-16")),
    "a fold in half a character": in_the_beginning(fold="\ud800"),
    "a fold with a NUL": in_the_beginning(fold="session\0"),
}
ONE_LINE = {
    "a NUL hole": replace_line(1, lambda line: bytes(len(line) - 1) + b"\n"),
    "cut short": replace_line(1, lambda line: line[:20] + b"\n"),
    "a bit flipped to no text": replace_line(1, lambda line: b"\xff" + line[1:]),
    "a number": replace_line(1, lambda line: b"17\n"),
    "null": replace_line(1, lambda line: b"null\n"),
    "a list": replace_line(1, lambda line: b"[]\n"),
    "deep": replace_line(1, lambda line: b"[" * 100_000 + b"\n"),
    "of a newer attune": replace_line(1, event(picture={"name": "x"})),
    "without a time": replace_line(1, lambda line: b'{"epoch": {"network": "joint", "epoch": 1}}\n'),
    "an epoch without a number": replace_line(1, event(epoch={"network": "joint"})),
    "a loss that is text": replace_line(1, event(epoch={"network": "joint", "epoch": 1, "train_loss": "low"})),
    "an end of another kind": replace_line(3, event(end="MELTED")),
    "an epoch that is a list": replace_line(1, event(epoch=[1])),
    "cut within a character": text(b"joint", "é".encode()[:1]),
    "a time no database can hold": with_time(1, 10**30),
    "a time before there was any": with_time(1, -5),
    "an end at no time": with_time(3, 10**30),
    "an epoch no database can hold": replace_line(1, event(epoch={"network": "joint", "epoch": 10**30, "x": 1.0})),
    "a number beyond floating point": text(b"1.5", b"1" + b"0" * 400),
    "a number of 5,000 digits": text(b"1.5", b"9" * 5000),
    "a name MLflow takes for a path": text(b"train_loss", b"../../x"),
    "a name with a NUL": text(b"train_loss", b"a\\u0000b"),
    "a line of 5 MB": text(b"1.5", b'"' + b"a" * 5_000_000 + b'"'),
    "before the beginning": exchanged(0, 1),
}
MARKS = [
    "",
    "\0" * 40,
    "17",
    "{}x",
    '{"offset": "1"}',
    '{"offset": 10000000}',
    '{"offset": 3, "other": 1}',
    "[" * 90_000,
]


@pytest.mark.parametrize("damage", WHOLE_FILE.values(), ids=list(WHOLE_FILE))
def test_a_file_that_says_nothing_is_set_aside_and_the_next_is_sent(files, damage):
    damage(files[0])
    left, said = sender.sync()
    assert left == 0
    assert len(said) == 1
    assert files[0].name in said[0]
    assert "set aside" in said[0]
    assert os.path.lexists(spool.folder() / "set-aside" / files[0].name)
    assert folds() == {"session2": [1, 2]}


@pytest.mark.parametrize("damage", ONE_LINE.values(), ids=list(ONE_LINE))
def test_of_a_file_with_one_bad_line_the_others_are_sent_and_it_is_kept(files, damage):
    damage(files[0])
    left, said = sender.sync()
    assert left == 0
    assert len(said) == 1
    assert f"{files[0].name}: 1 of its lines cannot be read; the others were sent." in said[0]
    assert (spool.folder() / "set-aside" / files[0].name).exists()
    sent = folds()
    assert sent["session2"] == [1, 2]
    assert sent["session1"]
    assert sender.sync() == (0, [])


@pytest.mark.parametrize("change", [as_on_windows, epochs_again, exchanged(1, 2)])
def test_what_can_be_read_all_the_same_is_sent_without_a_word(files, change):
    change(files[0])
    assert sender.sync() == (0, [])
    assert folds() == {"session1": [1, 2], "session2": [1, 2]}


def test_a_hole_over_several_lines_leaves_the_others(files):
    a_hole_over_lines(files[0])
    assert "1 of its lines cannot be read" in sender.sync()[1][0]
    assert folds() == {"session1": [], "session2": [1, 2]}


def test_where_things_of_other_names_are_in_the_way_nothing_stops(files):
    place = spool.folder()
    (place / "set-aside").write_text("a file")
    files[0].with_suffix(".sent").mkdir()
    files[1].write_bytes(b"")
    left, _ = sender.sync()
    assert left == 0
    assert (place / "set-aside-2" / files[1].name).exists()
    assert folds() == {"session1": [1, 2]}


def test_a_full_disk_says_nothing_against_a_file(files, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(spool, "mark_sent", full)
        left, said = sender.sync()
    assert left == 2
    assert all("No space left on device. It stays" in word for word in said)
    assert sender.sync() == (0, [])
    assert folds() == {"session1": [1, 2], "session2": [1, 2]}


@pytest.mark.parametrize("text", MARKS, ids=range(len(MARKS)))
def test_with_its_mark_damaged_a_file_is_sent_from_the_beginning_once(files, text):
    sent_mark(text)(files[0])
    assert sender.sync() == (0, [])
    assert folds() == {"session1": [1, 2], "session2": [1, 2]}


@pytest.mark.parametrize("damaged", [b"", bytes(32), b"\xff\xfe", b"' or 1=1"])
def test_a_damaged_key_of_the_execution_is_made_anew(files, damaged):
    (spool.folder() / "execution").write_bytes(damaged)
    key = execution.current().key
    assert len(key) == 32
    assert execution.current().key == key


def test_what_belongs_to_a_deleted_run_is_set_aside(files):
    client = mlflow_client.connect()
    with files[0].open("rb+") as file:  # as if it were still running: the end is not there yet
        file.truncate(sum(map(len, lines(files[0])[:2])))
    rest = lines(files[1])
    sender.sync()
    [run] = client.search_runs([mlflow_client.experiment_id(client)], "tags.`attune.fold` = 'session2'")
    client.delete_run(run.info.run_id)
    files[1].write_bytes(b"".join(rest))
    spool.mark_sent(files[1], spool.Sent(offset=len(rest[0]), run_id=run.info.run_id))
    left, said = sender.sync()
    assert left == 0
    assert "active" in said[0]
    assert (spool.folder() / "set-aside" / files[1].name).exists()


def folds():
    """By fold, the epochs that MLflow has."""
    client = mlflow_client.connect()
    runs = client.search_runs([mlflow_client.experiment_id(client)])
    return {
        run.data.tags[tags.FOLD]: [
            one.step for one in client.get_metric_history(run.info.run_id, "learning/train_loss")
        ]
        for run in runs
        if tags.PARENT in run.data.tags
    }
