"""Every rule catches the fault it is named after and nothing else, and is explained in docs/data.md."""

import re
from pathlib import Path

import pytest
from reading import IEMOCAP

from attune.corpus import contract
from attune.params import Validate
from attune.tasks import PAPER, Task
from attune.validation.rules import rules

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parents[2] / "docs" / "data.md"

OWN = contract.About(kind="table", name="own", segments=True, oddities=("unnamed-speaker", "unknown-word"))


def offenders(verdict) -> dict[str, list]:
    """Rule -> the utterances that break it, or the other identifying cells."""
    return {
        outcome.rule.name: [one.row.get("utterance", tuple(one.row.values())) for one in outcome.offenders]
        for outcome in verdict.outcomes
        if outcome.offenders
    }


def test_a_sound_corpus_breaks_no_rule(corpus):
    verdict = corpus.judge()
    assert offenders(verdict) == {}
    assert len(verdict.accepted) == 50
    checked = {outcome.rule.name: outcome.checked for outcome in verdict.outcomes}
    assert {name for name, rows in checked.items() if rows == 0} == {"no-unreadable-rating", "no-repeated-block"}


def test_each_rule_about_an_utterance_catches_its_own_fault_only(corpus):
    """One fault per utterance, all at once: a rule that looked at the wrong column would show."""
    ids = iter(corpus.utterances["utterance"])
    expected = {}

    def broken(*rules_broken: str) -> str:
        utterance = next(ids)
        for rule in rules_broken:
            expected.setdefault(rule, []).append(utterance)
        return utterance

    corpus.set(broken("labelled"), dominance=None)
    corpus.set(broken("arousal-range", "arousal-is-mean"), arousal=0.5)
    corpus.set(broken("valence-range", "valence-is-mean"), valence=5.5)
    corpus.set(broken("dominance-range", "dominance-is-mean"), dominance=5.01)
    corpus.set(broken("arousal-is-mean"), arousal=4.48)
    corpus.set(broken("valence-is-mean"), valence=1.52)
    corpus.set(broken("dominance-is-mean"), dominance=2.52)
    corpus.set(broken("has-audio"), audio=None)
    for fault in ("missing", "unreadable", "truncated", "empty", "not-finite"):
        utterance = broken("decodable")
        corpus.facts[utterance] = type(corpus.facts[utterance])(corpus.facts[utterance].audio, fault)
    corpus.set_facts(broken("duration", "label-span"), duration=0.0999)
    corpus.set_facts(broken("duration", "label-span"), duration=60.01)
    corpus.set_facts(broken("not-silent", "audible"), level=0.9e-4)
    corpus.set_facts(broken("audible"), level=0.9e-3)
    corpus.set_facts(broken("on-scale"), off_scale=1)
    corpus.set_facts(broken("in-phase"), in_phase=0.09)
    corpus.set_facts(broken("live-channels"), dead_channels=1)
    corpus.set_facts(broken("length-as-stated"), length="more is there")
    corpus.set_facts(broken("unique-audio"), content="twin")
    corpus.set_facts(broken("unique-audio"), content="twin")
    corpus.set_facts(broken("clipping"), clipped=0.0011)
    corpus.set_facts(broken("dc-offset"), dc_offset=0.011)
    corpus.set_facts(broken("dc-offset"), dc_offset=-0.011)
    corpus.set_facts(broken("sample-rate"), sample_rate=44100)
    corpus.set_facts(broken("mono"), channels=2)
    corpus.set_facts(broken("label-span"), duration=1.26)
    corpus.set_own_rating(broken("rater-arousal-range"), arousal=0.0)
    corpus.set_own_rating(broken("rater-valence-range"), valence=6.0)
    corpus.set_own_rating(broken("rater-dominance-range"), dominance=5.5)
    corpus.set_own_rating(twice := broken("one-rating-per-rater"), rater="E4")
    expected["one-rating-per-rater"].append(twice)  # both rows are named
    corpus.set("Ses05F_impro01_M004", session=6)
    expected["known-session"] = expected["speaker-in-one-session"] = ["Ses05F_impro01_M004"]
    corpus.set("Ses05F_impro01_M003", utterance="Ses05F_impro01_M002", arousal=3.0, valence=3.0, dominance=3.0)
    expected["unique-utterance"] = ["Ses05F_impro01_M002"] * 2
    expected["rated-utterance"] = ["Ses05F_impro01_M003"] * 3  # its ratings are left without it

    found = offenders(corpus.judge(max_quarantined=0.9))
    for of_what_is_left in ("every-class", "class-balance", "two-speakers"):
        found.pop(of_what_is_left, None)
    assert {name: sorted(found[name]) for name in found} == {name: sorted(expected[name]) for name in expected}


@pytest.mark.parametrize("oddity", ["unreadable-rating", "repeated-block"])
def test_what_the_reader_passed_over_is_reported_by_file_and_line(corpus, oddity):
    corpus.notes = contract.note_table([contract.Note(oddity, "Ses01F_impro01.txt", 12, "it says so")])
    verdict = corpus.judge()
    assert offenders(verdict) == {f"no-{oddity}": [("Ses01F_impro01.txt", 12)]}
    assert verdict.quarantine.empty


def test_each_rule_about_a_table_of_ones_own_catches_its_own_fault_only(corpus):
    corpus.about = OWN
    corpus.facts = {
        name: fact._replace(start=start, end=end)
        for (name, fact), start, end in zip(
            corpus.facts.items(), corpus.utterances["start"], corpus.utterances["end"], strict=True
        )
    }
    assert offenders(corpus.judge()) == {}
    one, other, third, fourth, fifth = corpus.utterances["utterance"][[0, 7, 14, 15, 16]]

    def place(utterance, start, end, **cells):
        corpus.set(utterance, start=start, end=end, **cells)
        audio = corpus.utterances.set_index("utterance").loc[utterance, "audio"]
        corpus.set_facts(utterance, start=start, end=end, audio=audio, duration=end - start)

    place(one, 1.0, 1.0)
    corpus.set_facts(one, duration=None)
    place(other, -0.5, 0.5)
    corpus.set(third, speaker="SES02 f")
    shared = corpus.utterances.set_index("utterance").loc[fourth, "audio"]
    place(fourth, 0.0, 1.0)
    place(fifth, 0.9, 1.9, audio=shared)
    notes = [("unknown-word", "labels.csv", 3, "mood: 'joy'"), ("unnamed-speaker", "labels.csv", 4, "no speaker")]
    corpus.notes = contract.note_table([contract.Note(*note) for note in notes])
    found = offenders(corpus.judge(max_quarantined=0.9))
    assert found.pop("speaker-spelling")
    assert found == {
        "part-in-order": [one, other],
        "part-overlap": [fifth],
        "no-unnamed-speaker": [("labels.csv", 4)],
        "no-unknown-word": [("labels.csv", 3)],
    }


def test_rules_that_need_what_a_corpus_does_not_say_are_left_out(corpus):
    corpus.about = contract.About(kind="table", name="own")
    names = {outcome.rule.name for outcome in corpus.judge().outcomes}
    assert not names & {
        *("known-session", "every-session", "two-speakers", "speaker-in-one-session"),
        *("no-unreadable-rating", "no-repeated-block"),
    }


def test_a_scale_of_its_own_is_judged_and_told_as_the_corpus_has_it(corpus):
    corpus.about = IEMOCAP.model_copy(
        update={"tasks": (PAPER[0], Task("valence", knots=(1.0, 2.5, 5.5, 7.0)), PAPER[2])}
    )
    first = corpus.utterances["utterance"][0]
    corpus.set(first, valence=5.5)  # 7.75 of 7
    verdict = corpus.judge()
    [outcome] = [one for one in verdict.outcomes if one.rule.name == "valence-range"]
    assert outcome.rule.description == "The valence rating is 1 to 7."
    assert [(one.row["utterance"], one.value) for one in outcome.offenders] == [(first, pytest.approx(7.75))]


def test_values_on_the_edge_are_accepted(corpus):
    first, second, third = corpus.utterances["utterance"][:3]
    for utterance, rating, seconds in ((first, 1.0, 0.1), (second, 5.0, 60.0)):
        corpus.set(utterance, arousal=rating, valence=rating, dominance=rating)
        corpus.set_facts(utterance, duration=seconds)
    corpus.set_facts(third, level=1e-4, clipped=1e-3, dc_offset=0.01)
    assert corpus.judge().quarantine.empty


def test_quarantine_above_its_limit_stops_the_run_and_at_the_limit_does_not(corpus):
    for utterance in corpus.utterances["utterance"][:5]:
        corpus.set(utterance, audio=None)
    assert "few-refused" not in offenders(corpus.judge(max_quarantined=0.1))
    assert offenders(corpus.judge(max_quarantined=0.09))["few-refused"] == [("utterances",)]


def test_a_session_of_which_nothing_is_left_stops_the_run(corpus):
    corpus.utterances.loc[corpus.utterances["session"] == 4, "audio"] = None
    found = offenders(corpus.judge(max_quarantined=0.5))
    assert found["every-session"] == [(4,)]
    assert found["two-speakers"] == [(4,)]


def test_a_session_with_one_speaker_is_reported(corpus):
    corpus.utterances.loc[corpus.utterances["speaker"] == "Ses02M", "audio"] = None
    assert offenders(corpus.judge(max_quarantined=0.5))["two-speakers"] == [(2,)]


@pytest.mark.parametrize("empty", ["rows", "audio", "labels"])
def test_a_corpus_without_one_usable_utterance_stops_the_run(corpus, empty):
    if empty == "rows":
        corpus.utterances, corpus.ratings = corpus.utterances.iloc[:0], corpus.ratings.iloc[:0]
    elif empty == "audio":
        corpus.utterances["audio"] = None
    else:
        corpus.utterances["valence"] = float("nan")
    verdict = corpus.judge()
    assert {"something-accepted", "every-session"} <= {outcome.rule.name for outcome in verdict.broken}
    assert verdict.accepted.empty


def test_a_session_of_other_classes_is_reported(corpus):
    rows = (corpus.utterances["session"] == 3) & (corpus.utterances["valence"] == 4.5)
    corpus.utterances.loc[rows, "valence"] = 3.0  # 2 of 10: every other session has 20% high
    found = offenders(corpus.judge())
    assert found["class-balance"] == [(3, "valence")]
    assert found["every-class"] == [(3, "valence")]


def test_every_rule_is_explained_in_the_docs_with_what_follows():
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (\w+) \| \S.*\|$", DOCS.read_text(), re.MULTILINE))
    assert rows == {rule.name: rule.action for about in (IEMOCAP, OWN) for rule in rules(Validate(), about)}


def test_nothing_is_said_of_sessions_that_are_not_known():
    unknown = OWN.model_copy(update={"sessions_known": False})
    gone = {rule.name for rule in rules(Validate(), OWN)} - {rule.name for rule in rules(Validate(), unknown)}
    assert gone == {"every-class", "class-balance"}


def test_no_two_rules_share_a_name():
    names = [rule.name for rule in rules(Validate(), IEMOCAP)]
    assert len(set(names)) == len(names)
