"""Bodies of requests as people's programs send them: each is read, or refused in a sentence that helps."""

import codecs
import csv
from types import SimpleNamespace

import pytest

from attune.errors import AttuneError
from attune.serving.admission import Refused
from attune.serving.app import _check_not_compressed, _kind
from attune.serving.worker.jobs import Job
from attune.serving.worker.parsing import Limits, Refusal, Request, parse

LIMITS = Limits(20, 60.0)
LINES = b"QUJD\nREVG\r\n"


def rows(kind, body):
    return parse(kind, body, LIMITS).rows


def test_json_with_bare_line_breaks_in_its_base64_is_read():
    (row,) = rows("json", b'\n{"inputs":\r\n [{"audio": "' + LINES + b'"}]}')
    assert "".join(row["audio"].split()) == "QUJDREVG"


def test_a_line_break_makes_one_of_no_two_numbers():
    with pytest.raises(Refusal, match="not JSON"):
        parse("json", b'{"inputs": [{"samples": [1\n2], "rate": 16000}]}', LIMITS)


@pytest.mark.parametrize(
    ("kind", "body"), [("json", b'{"inputs": [{"audio": "QUJD"}]}'), ("csv", b"audio\r\nQUJD\r\n")]
)
def test_a_byte_order_mark_before_a_body_is_no_part_of_it(kind, body):
    assert rows(kind, codecs.BOM_UTF8 + body) == rows(kind, body) == [{"audio": "QUJD"}]


def test_a_table_may_ask_for_parts_of_files_and_have_cells_of_many_lines():
    body = b'audio,start,end,note\n"' + LINES + b'",0.5,1.5,x\nQUJD,,,\n'
    first, second = rows("csv", body)
    assert "".join(first.pop("audio").split()) == "QUJDREVG"
    assert (first, second) == ({"start": "0.5", "end": "1.5"}, {"audio": "QUJD"})


def test_a_table_of_numbers_is_told_which_columns_there_are():
    with pytest.raises(Refusal, match="none of the columns audio, path is given"):
        parse("csv", b"samples,rate\n0.1,16000\n", LIMITS)


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (b"", "json"),
        (b"application/json; charset=UTF-8", "json"),
        (b'text/csv; header=present; charset="utf8"', "csv"),
        (b"application/json;odata=verbose", "json"),
    ],
)
def test_a_type_of_content_may_have_parameters(header, kind):
    assert _kind(header) == kind


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"multipart/form-data; boundary=-----x", "application/json or text/csv"),
        (b"audio/wav", "application/json or text/csv"),
        (b"text/csv; charset=latin-1", "only UTF-8"),
    ],
)
def test_other_content_is_refused_for_what_is_wrong_with_it(header, message):
    with pytest.raises(Refused, match=message):
        _kind(header)


def test_a_compressed_body_is_refused_as_such():
    _check_not_compressed({b"content-encoding": b"identity"})
    with pytest.raises(Refused, match="must not be compressed") as caught:
        _check_not_compressed({b"content-encoding": b"gzip"})
    assert caught.value.status == 415


def test_a_version_of_older_code_still_says_what_is_wrong_with_a_row(monkeypatch):
    monkeypatch.delattr(AttuneError, "on_one_line")
    job = Job(1, Request([{"audio": "!"}]), SimpleNamespace(sample_rate=16000), LIMITS)
    job.decode()
    assert "audio is not base64" in next(iter(job._faults.values()))


def test_a_small_table_leaves_no_limit_to_the_next_one():
    rows("csv", b"audio\r\nQUJD\r\n")
    long = b"A" * 300_000
    assert rows("csv", b"audio\r\n" + long + b"\r\n") == [{"audio": long.decode()}]
    rows("csv", b"audio\r\nQUJD\r\n")
    assert next(csv.reader([long.decode()])) == [long.decode()]
