"""The fingerprint changes with anything that the result depends on, and with nothing else."""

import dataclasses
from types import SimpleNamespace

import torch
from toy_examples import examples

from attune.training import fingerprint as module
from attune.training.fingerprint import fingerprint

SETTINGS = {"learning_rate": 0.001, "fold": "session1"}
SUMS = [[800, 1, 2]]


def test_the_same_inputs_have_the_same_fingerprint():
    assert fingerprint(SETTINGS, [examples(3)], SUMS) == fingerprint(dict(SETTINGS), [examples(3)], SUMS)


def test_a_setting_an_utterance_a_class_a_waveform_the_code_and_torch_each_change_it(monkeypatch):
    parts = [examples(3)]
    renamed = dataclasses.replace(parts[0], utterances=("x", *parts[0].utterances[1:]))
    relabelled = dataclasses.replace(parts[0], classes={t: (c + 1) % 3 for t, c in parts[0].classes.items()})
    found = [
        fingerprint(SETTINGS, parts, SUMS),
        fingerprint(SETTINGS | {"learning_rate": 0.002}, parts, SUMS),
        fingerprint(SETTINGS, [renamed], SUMS),
        fingerprint(SETTINGS, [relabelled], SUMS),
        fingerprint(SETTINGS, parts, [[800, 1, 3]]),
    ]
    monkeypatch.setattr(torch, "__version__", "0")
    found.append(fingerprint(SETTINGS, parts, SUMS))
    monkeypatch.setattr(module, "code", lambda *_: "other")
    found.append(fingerprint(SETTINGS, parts, SUMS))
    assert len(set(found)) == len(found)


def test_code_is_what_it_does_not_what_its_comments_and_docstrings_say(tmp_path):
    def digest(source):
        (tmp_path / "__init__.py").write_text(source)
        return module.code(SimpleNamespace(__file__=str(tmp_path / "__init__.py")))

    plain = digest("LIMIT = 3\ndef f(x):\n    return x + LIMIT\n")
    assert plain == digest(
        '"""A module."""\nLIMIT = 3  # of f\n"""A limit."""\n\ndef f(x):\n    "Adds."\n    return x + LIMIT\n'
    )
    assert plain != digest("LIMIT = 4\ndef f(x):\n    return x + LIMIT\n")
    assert plain != digest("LIMIT = 3\ndef f(x):\n    return x - LIMIT\n")
    assert digest("NAME = 'a'\n") != digest("NAME = 'b'\n")
