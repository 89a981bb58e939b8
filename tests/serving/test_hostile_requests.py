"""Whatever one client sends, or fails to send, the server answers the others, and says what is wrong as HTTP does."""

import asyncio
import base64
import io
import json
import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from registry_samples import RATE, voice
from serving_samples import LIMITS, running, version_files

from attune.cli import app
from attune.errors import AttuneError
from attune.serving import scorer as scorers
from attune.serving.limits import Limits
from attune.serving.server import Place, _configured

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def files(trained, tmp_path_factory):
    return version_files(trained, tmp_path_factory.mktemp("version"))


@pytest.fixture(scope="module")
def server(files):
    with running(files) as it:
        yield it
        assert it.post(records(GOOD))[0] == 200  # whatever was done to it


def records(*rows, **params):
    return {"dataframe_records": list(rows), "params": params}


def audio(wave, rate=RATE, form="FLAC"):
    file = io.BytesIO()
    soundfile.write(file, wave, rate, format=form, subtype="PCM_16")
    return {"audio": base64.b64encode(file.getvalue()).decode()}


GOOD = {"samples": voice(0.25).tolist(), "rate": RATE}
PLACES = ("/work", "/tmp", "/root", "/usr", "site-packages", "Traceback", ".py", "File \\")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"dataframe_records": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 413),
        (b'{"dataframe_records": ' + b"[" * 500 + b"]" * 500 + b"}", 400),
        (b'{"dataframe_records": [{"samples": [' + b"9" * 5000 + b'], "rate": 16000}]}', 400),
        (b'{"dataframe_records": [{"samples": [' + b"9" * 4000 + b'], "rate": 16000}]}', 400),
        (b'{"dataframe_records": [{"samples": [0.1], "rate": ' + b"9" * 4000 + b"}]}", 400),
        (b'{"dataframe_records": [{"samples": [1e999], "rate": 16000}]}', 400),
        (b'{"dataframe_records": [{"samples": [NaN], "rate": 16000}]}', 400),
        (b'{"dataframe_records": [{"samples": [Infinity], "rate": 16000}]}', 400),
        (b'{"dataframe_records": [{"samples": [[0.1], [0.2]], "rate": 16000}]}', 400),
        (b'{"dataframe_records": [{"samples": ["a", null, true], "rate": 16000}]}', 400),
        (b'{"dataframe_records": [{"audio": {"a": "b"}}]}', 400),
        (b'{"dataframe_records": [{"audio": "\\ud800"}]}', 400),
        (b'{"dataframe_records": [{"path": "a\\u0000b"}]}', 400),
        (b'{"dataframe_records": [{"path": ["/etc/hostname"]}]}', 400),
        (b'{"dataframe_records": [{"path": "/etc/hostname"}]}', 400),
        (b'{"dataframe_records": []}', 400),
        (b'{"dataframe_records": [[1]]}', 400),
        (b'{"dataframe_records": [{"audio": "AA=="}], "inputs": []}', 400),
        (b'{"dataframe_split": {"columns": ["audio"], "data": [["AA==", 1]]}}', 400),
        (b'{"dataframe_split": {"columns": [[]], "data": []}}', 400),
        (b'{"inputs": {"audio": ["AA=="], "path": []}}', 400),
        (b'{"dataframe_records": [{"audio": "AA=="}], "params": {"attention": "yes"}}', 400),
        (b'{"dataframe_records": [{"audio": "AA=="}], "params": {"errors": ["column"]}}', 400),
        (b'{"dataframe_records": [{"audio": "AA=="}], "params": 5}', 400),
        (b'{"dataframe_records": [' + b"[]," * 600_000 + b"[]]}", 413),
        (b'{"dataframe_records": [{' + b",".join(b'"k%d":1' % n for n in range(50_000)) + b"}]}", 413),
        (b'{"dataframe_records": [{"samples": [' + b"0," * 970_000 + b'0], "rate": 16000}]}', 413),
        (b'"' + "ä".encode() * 500_000 + b'"', 400),
    ],
)
def test_what_is_no_request_is_refused_in_plain_words(server, body, status):
    found, answer = server.post(body)
    assert (found, set(answer)) == (status, {"error_code", "message"})
    assert not [place for place in PLACES if place in answer["message"]]


def test_rows_seconds_and_bytes_are_limited(server):
    assert server.post(records(*[GOOD] * (LIMITS.request_rows + 1)))[0] == 413
    assert server.post(records(*[audio(voice(8))] * 4))[0] == 413
    status, answer = server.post(records(audio(voice(31))))
    assert (status, "at most 30 s" in answer["message"]) == (400, True)
    status, answer = server.post(b" " * 3 * LIMITS.request_bytes)  # read to its end, unlike four times as much
    assert (status, "2 MB" in answer["message"]) == (413, True)
    status, answer = server.post(b"audio\n" + b"AAAA\n" * 21, "text/csv")
    assert (status, "20 rows" in answer["message"]) == (413, True)


def test_hours_of_silence_in_kilobytes_are_refused_by_their_header_or_while_they_are_decoded(server):
    silence = base64.b64decode(audio(np.zeros(59 * 60 * RATE, np.float32))["audio"])
    assert len(silence) < 200_000
    claimed = {"audio": base64.b64encode(silence).decode()}
    unsaid = bytearray(silence)  # the 36 bits for the number of samples, which say 0 for "not known"
    unsaid[21] &= 0xF0
    unsaid[22:26] = bytes(4)
    for row in (claimed, {"audio": base64.b64encode(unsaid).decode()}):
        status, answer = server.post(records(*[row] * 7, GOOD, errors="column"))
        assert status in (200, 413)
        if status == 200:
            assert [bool(one["error"]) for one in answer["predictions"]] == [True] * 7 + [False]


def test_a_file_of_many_channels_at_a_high_rate_counts_by_its_numbers(server):
    wide = audio(np.zeros((29 * 192_000, 8), np.float32), 192_000)
    status, answer = server.post(records(wide))
    assert (status, "48 kHz stereo" in answer["message"]) == (413, True)


def test_an_answer_has_null_where_there_is_no_number(server):
    status, answer = server.post(records({"audio": "AAAA"}, GOOD, errors="column", attention=True))
    assert status == 200
    bad, good = answer["predictions"]
    assert bad["arousal"] is None
    assert bad["valence_attention"] is None
    assert "cannot be decoded" in bad["error"]
    assert (good["error"], len(good["attention_seconds"])) == (None, 22)


def test_every_form_of_request_has_the_same_answer(server):
    row = audio(voice(0.4))
    forms = [
        {"dataframe_records": [row]},
        {"dataframe_split": {"columns": ["other", "audio"], "data": [[1, row["audio"]]]}},
        {"inputs": {"audio": [row["audio"]]}},
        {"inputs": row},
        {"inputs": [row]},
        {"instances": [row]},
    ]
    answers = [server.post(form) for form in forms]
    answers.append(server.post(f"audio,path\n{row['audio']},\n".encode(), "text/csv; charset=utf-8"))
    assert {status for status, _ in answers} == {200}
    assert len({json.dumps(answer) for _, answer in answers}) == 1


@pytest.mark.parametrize(
    ("method", "path", "kind", "status"),
    [
        ("GET", "/ping", None, 200),
        ("HEAD", "/ping", None, 200),
        ("GET", "/version", None, 200),
        ("GET", "/docs", None, 404),
        ("GET", "/openapi.json", None, 404),
        ("GET", "/../../etc/passwd", None, 404),
        ("GET", "/invocations", None, 405),
        ("POST", "/ping", None, 405),
        ("POST", "/invocations", "image/png", 415),
        ("POST", "/invocations", "application/json; charset=utf-16", 415),
        ("POST", "/invocations", "application/x-parquet", 415),
    ],
)
def test_other_addresses_methods_and_content_are_refused_as_http_means_it(server, method, path, kind, status):
    found, body, headers = server.ask(method, path, b"x" if method == "POST" else None, {"content-type": kind or "a/b"})
    assert found == status
    assert "uvicorn" not in str(headers).lower()
    assert ("allow" in headers) == (status == 405)
    assert not [place for place in PLACES if place in body.decode()]


def test_a_refusal_reaches_a_client_that_sends_all_of_its_body_before_it_reads(server):
    with server.line() as line:
        line.sendall(b"POST /nowhere HTTP/1.1\r\nhost: x\r\ncontent-length: 8000000\r\n\r\n" + bytes(8_000_000))
        assert line.recv(12) == b"HTTP/1.1 404"


def test_docs_are_there_where_asked_for(server, files):
    server.app._docs = True
    try:
        status, page, _ = server.ask("GET", "/docs")
    finally:
        server.app._docs = False
    assert status == 200
    assert b"POST /invocations" in page


def answer_of(line):
    """All that comes until the server closes."""
    line.settimeout(120)
    received = b""
    while chunk := line.recv(65536):
        received += chunk
    return received


def test_half_a_head_and_half_a_body_are_given_up_in_time(server):
    with server.line() as head, server.line() as body, server.line() as silent:
        head.sendall(b"POST /invoc")
        body.sendall(b"POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{")
        assert answer_of(body).startswith(b"HTTP/1.1 408")
        assert answer_of(head).startswith(b"HTTP/1.1 408")
        assert answer_of(silent) == b""


def test_a_body_that_drips_is_given_up(server):
    with server.line() as line:
        line.sendall(b"POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-length: 10000\r\n\r\n")
        until = time.monotonic() + 120
        with pytest.raises(OSError):  # noqa: PT011 - a closed connection, however the kernel puts it
            while time.monotonic() < until:
                line.sendall(b" ")
                time.sleep(0.1)
        assert time.monotonic() < until


def test_idle_connections_do_not_keep_others_out(server):
    lines = [server.line() for _ in range(3 * LIMITS.connections)]
    assert server.ask("GET", "/ping")[0] == 200
    time.sleep(LIMITS.head_seconds + 2.5)
    for line in lines:
        line.settimeout(60)
        with suppress(ConnectionResetError):
            assert line.recv(1) == b""
        line.close()


def test_a_connection_may_be_idle_between_requests_as_long_as_before_the_first():
    configured = _configured(None, Place("127.0.0.1", 5001), Limits())
    assert configured.timeout_keep_alive == Limits().head_seconds


def test_an_occupied_port_is_named_before_a_model_is_looked_for():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = CliRunner().invoke(app, ["serve", "--port", str(port)])
    assert str(done.exception).startswith(
        f"http://127.0.0.1:{port}: no server can listen there (address already in use)"
    )


def test_a_host_that_is_no_address_of_this_machine_is_named():
    with pytest.raises(AttuneError, match=r"^http://\[2001:db8::1\]:5001: no server can listen there \("):
        Place("2001:db8::1", 5001).check_free()


def test_nonsense_on_the_line_is_a_bad_request(server):
    with server.line() as line:
        line.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        assert answer_of(line).startswith(b"HTTP/1.1 400")
    with server.line() as line:
        line.sendall(b"GET /ping HTTP/1.1\r\nx: " + b"a" * 100_000)
        assert answer_of(line).startswith((b"HTTP/1.1 400", b"HTTP/1.1 431"))


def send(server, body):
    line = server.line()
    line.sendall(b"POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
    return line


def test_too_many_at_once_are_told_to_come_later(server, monkeypatch):
    worker = server.scorer._process.pid
    os.kill(worker, signal.SIGSTOP)  # so that nothing is answered meanwhile
    body = json.dumps(records(GOOD)).encode()
    try:
        lines = [send(server, body) for _ in range(LIMITS.requests_per_client)]
        until = time.monotonic() + 120
        while server.app._admission._inside.total() < len(lines):
            assert time.monotonic() < until
            time.sleep(0.05)
        status, _, headers = server.ask("POST", "/invocations", body)
        assert (status, headers["retry-after"]) == (429, "5")
        monkeypatch.setattr(server.app._admission, "limits", LIMITS._replace(requests=len(lines)))
        assert server.ask("POST", "/invocations", body)[0] == 503
        assert server.ask("GET", "/ping")[0] == 200
    finally:
        os.kill(worker, signal.SIGCONT)
    for line in lines:
        with line:
            assert line.recv(12) == b"HTTP/1.1 200"


def test_who_hangs_up_is_forgotten_and_half_a_body_is_never_scored(server):
    worker = server.scorer._process.pid
    os.kill(worker, signal.SIGSTOP)
    try:
        body = json.dumps(records(GOOD)).encode()
        lines = [send(server, body), send(server, body)]
        lines.append(server.line())
        lines[-1].sendall(b"POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-length: 900\r\n\r\n" + body[:-1])
        time.sleep(0.3)
        for line in lines:
            line.shutdown(socket.SHUT_RDWR)
            line.close()
        until = time.monotonic() + 120
        while server.app._admission._inside.total() or server.app._admission.held:
            assert time.monotonic() < until
            time.sleep(0.05)
        assert not server.scorer._waiting
    finally:
        os.kill(worker, signal.SIGCONT)


def test_a_worker_that_dies_costs_its_requests_and_is_replaced(server):
    body = json.dumps(records(GOOD)).encode()
    worker = server.scorer._process.pid
    os.kill(worker, signal.SIGSTOP)
    with send(server, body) as line:
        while not server.scorer._waiting:
            time.sleep(0.05)
        os.kill(worker, signal.SIGKILL)
        line.settimeout(120)
        assert b" 503 " in line.recv(20)
        assert server.ask("GET", "/ping")[0] == 503
    until = time.monotonic() + 400
    while server.ask("GET", "/ping")[0] != 200:
        assert time.monotonic() < until
        time.sleep(0.2)
    assert server.post(records(GOOD))[0] == 200


def test_a_worker_that_cannot_be_started_again_says_why(monkeypatch, caplog):
    tries = iter([AttuneError("contains no model", where="folds"), KeyError("the end of this test")])

    async def begin():
        raise next(tries)

    async def lose_a_worker(scorer):
        line = asyncio.StreamReader()
        line.feed_eof()
        await scorer._keep(line)

    scorer = scorers.Scorer(Path(), LIMITS, device="cpu", paths=None)
    monkeypatch.setattr(scorer, "_begin", begin)
    monkeypatch.setattr(scorers, "_PAUSE", 0.01)
    with pytest.raises(KeyError):
        asyncio.run(lose_a_worker(scorer))
    assert [record.message for record in caplog.records] == [
        "the model's process ended, and is started again",
        "folds: contains no model",
    ]


def test_what_a_worker_says_of_a_model_that_it_cannot_load_is_the_servers_message(files):
    with pytest.raises(AttuneError, match=r"^device: torch cannot use 'cuda:99' here\n  Use the device cpu\.$"):
        asyncio.run(scorers.Scorer(files, LIMITS, device="cuda:99", paths=None).start())
