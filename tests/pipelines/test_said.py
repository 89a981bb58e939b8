"""Our lines among the machinery's."""

import json
from pathlib import Path

import pytest

from pipelines.runs.said import last_complaint, last_words, ours

RECORDED = Path(__file__).parent / "recorded/answers.jsonl"
BODIES = [json.loads(line)["response"]["body"] for line in RECORDED.read_text().splitlines()]
(REAL,) = [body for body in BODIES if isinstance(body, str) and body.startswith("I1127")]

LAUNCHER = "I1127 01:05:57.239313      15 main.go:67] Setting log level to: '1'"
FATAL = "F1127 01:08:31.000000      15 main.go:60] failed to execute component: exit status 1"
EMISSARY = 'time="2026-11-27T01:08:31.123Z" level=info msg="sub-process exited" argo=true error="exit status 1"'
NEWER = "time=2026-11-27T01:08:31.123Z level=INFO msg=capturing"


def test_of_a_real_log_only_our_two_lines_stay():
    assert list(ours(REAL.splitlines())) == [
        "Registered attune version 1 (alias candidate): mtl-att, the mean of 2 folds",
        "MLflow: http://mlflow.mlflow.svc.cluster.local:5000, run ec26d3254ac84386af52cffe4f05a980",
    ]


@pytest.mark.parametrize("line", [LAUNCHER, FATAL, EMISSARY, NEWER, "Error: exit status 1", "exit status 137"])
def test_lines_of_the_machinery_are_left_out(line):
    assert list(ours(["before", line, "after"])) == ["before", "after"]


@pytest.mark.parametrize(
    "line", ["Index of the store", "error: /nowhere: no such folder", "  {", "}", "W is a letter", ""]
)
def test_lines_that_only_look_alike_stay(line):
    assert list(ours(["before", line, "after"])) == ["before", line, "after"]


@pytest.mark.parametrize(
    ("said", "last"),
    [
        (f"{LAUNCHER}\nerror: /nowhere: no such folder\n  Check --root.\n{FATAL}\n", "/nowhere: no such folder"),
        (f"{LAUNCHER}\nepoch 3\n{FATAL}\n", "epoch 3"),
        (f"{LAUNCHER}\n{FATAL}\ngoroutine 1 [running]:\nmain.main()\n", ""),
        ("", ""),
    ],
)
def test_the_last_words_are_the_error_or_the_last_line(said, last):
    assert last_words(said) == last


def test_where_only_the_machinery_spoke_its_last_complaint_is_told():
    assert last_complaint(f"{LAUNCHER}\n{FATAL}\n{LAUNCHER}\n") == "failed to execute component: exit status 1"
    assert last_complaint(LAUNCHER) == ""
