"""What follows from broken rules: the accepted table, the quarantine, the summary, the message."""

import json

import pytest

from attune.validation.verdict import refusal, summary

pytestmark = pytest.mark.slow

FIRST = "Ses01F_impro01_F000"


def test_accepted_rows_are_the_corpus_rows_with_what_was_measured(corpus):
    corpus.set(FIRST, audio=None)
    accepted = corpus.judge().accepted
    measured = {"frames": "int64", "sample_rate": "int64", "channels": "int64", "duration": "float64"}
    assert list(accepted.columns) == [*corpus.utterances.columns, *measured]
    assert {name: str(accepted[name].dtype) for name in measured} == measured
    assert list(accepted["utterance"]) == list(corpus.utterances["utterance"])[1:]
    assert list(accepted.index) == list(range(49))


def test_quarantine_says_which_rule_what_value_and_where(corpus):
    corpus.set(FIRST, valence=5.5, audio=None)
    rows = corpus.judge().quarantine
    assert rows[["utterance", "rule", "severity"]].values.tolist() == [
        [FIRST, "has-audio", "warning"],
        [FIRST, "valence-range", "warning"],
    ]
    assert rows.loc[1, "value"] == 5.5
    assert rows.loc[1, ["source", "line"]].tolist() == ["Session1/dialog/EmoEvaluation/Ses01F_impro01.txt", 3]


def test_what_is_only_reported_is_accepted(corpus):
    corpus.set_facts(FIRST, clipped=0.5, sample_rate=8000, channels=2)
    verdict = corpus.judge()
    assert FIRST in set(verdict.accepted["utterance"])
    assert verdict.quarantine.empty
    assert refusal(verdict) == ""


def test_the_message_names_every_broken_rule_with_file_and_line(corpus):
    corpus.set("Ses01F_impro01_F002", utterance=FIRST)
    corpus.utterances.loc[corpus.utterances["session"] == 5, "audio"] = None
    message = refusal(corpus.judge())
    assert message.startswith("the data breaks 3 critical rules\n")
    file = "Session1/dialog/EmoEvaluation/Ses01F_impro01.txt"
    assert f"unique-utterance: Every utterance id occurs once. Violated by 2: {FIRST} ({file}:3)" in message
    assert f"{FIRST} ({file}:17)" in message
    assert "every-session: Each of the sessions 1 to 5 has accepted utterances. Violated by 1: session 5: 0." in message
    assert "few-refused" in message
    assert "It is 20.0\u00a0%: 10 by has-audio, first Ses05F_impro01_F000" in message


def test_faults_of_audio_name_the_audio_file(corpus):
    for utterance in list(corpus.facts)[:10]:
        corpus.facts[utterance] = type(corpus.facts[utterance])(corpus.facts[utterance].audio, "truncated")
    message = refusal(corpus.judge())
    assert f"10 by decodable, first {FIRST} (Session1/sentences/wav/Ses01F_impro01/{FIRST}.wav): truncated" in message


def test_the_message_stays_short_however_many_offend(corpus):
    corpus.utterances["utterance"] = FIRST
    message = refusal(corpus.judge())
    assert "Violated by 50: " in message
    assert len(message) < 1500


def test_the_summary_counts_and_gives_examples(corpus):
    corpus.set(FIRST, valence=5.5)
    said = summary(corpus.judge())
    assert json.loads(json.dumps(said, allow_nan=False)) == said
    assert said["accepted"] is True
    assert said["utterances"] == {"all": 50, "accepted": 49, "quarantined": 1}
    assert said["corpus"] == {
        **{"dialogs": 5, "speakers": 10, "hours": pytest.approx(50 / 3600, abs=1e-4)},
        "sessions": {str(session): 10 for session in range(1, 6)},
    }
    rule = next(one for one in said["rules"] if one["rule"] == "valence-range")
    assert (rule["severity"], rule["action"], rule["checked"], rule["failed"]) == ("warning", "quarantine", 50, 1)
    assert rule["examples"][0]["utterance"] == FIRST
    assert rule["examples"][0]["value"] == 5.5


def test_a_summary_of_a_refused_corpus_says_so(corpus):
    corpus.utterances["audio"] = None
    assert summary(corpus.judge())["accepted"] is False
