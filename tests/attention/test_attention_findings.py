"""Findings are records whose sentences say what the numbers say, that nothing was found included."""

import pytest
from planted import summary_of

from attune.attention.findings import findings, verdict
from attune.attention.measures import Heard
from attune.findings import Finding, from_json, of_system, to_json


def told(summaries, task=None, kind=None, cues_known=False):
    found = findings(summaries, cues_known=cues_known)
    return " ".join(one.sentence for one in found if task in (None, one.task) and kind in (None, one.kind))


def test_findings_say_what_was_found_and_what_was_not(heard):
    summaries = {"mtl-att": summary_of(heard, ("cue", "loud", "uniform")), "stl": None}
    assert "in the cue in 100.0\u00a0% (54.1–100.0) of utterances" in told(summaries, "arousal", "cue")
    assert "finds the cue more often than its position explains" in told(summaries, "arousal", "cue")
    assert "p = 0.015, n = 60" in told(summaries, "arousal", "cue")
    assert "attention prefers loud windows" in told(summaries, "valence", "energy")
    contradicted = "contradicts the paper's claim, made of two IEMOCAP files, that valence attention prefers low"
    assert contradicted in told(summaries, "valence", "energy")
    assert "nearly uniform" in told(summaries, "dominance", "entropy")
    assert "finds the cue no more often than its position explains" in told(summaries, "dominance", "cue")
    assert "loudness finds the cue no more often" in told(summaries, kind="loudest")
    assert Finding("stl", None, "absent", "It has no attention.") in findings(summaries, cues_known=True)


def test_findings_agree_with_the_paper_where_the_numbers_do(heard):
    summaries = {"mtl-att": summary_of(heard, ("loud", "quiet", "loud"))}
    assert told(summaries, kind="energy").count("agrees with the paper's claim") == 3


def test_of_synthetic_sounds_nothing_is_held_against_the_paper(heard):
    summaries = {"mtl-att": summary_of(heard, ("loud", "quiet", "loud"))}
    sentences = told(summaries, kind="energy", cues_known=True)
    assert sentences.count("Synthetic sounds say nothing about the paper's claim") == 3
    assert "agrees" not in sentences


def test_nearly_uniform_attention_is_held_against_no_claim_of_the_paper(heard):
    summary = summary_of(heard, ("loud", "quiet", "loud"))
    for own in summary.values():
        own["entropy"] |= {"value": 0.98, "low": 0.97, "high": 0.99}
    sentences = told({"mtl-att": summary}, kind="energy")
    assert "agrees with" not in sentences
    assert sentences.count("too uniform to judge the paper's claim") == 3


@pytest.mark.parametrize(
    ("low", "high", "p", "found"),
    [
        (0.1, 0.2, 0.01, "more"),
        (-0.2, -0.1, 0.01, "less"),
        (-0.1, 0.2, 0.2, "same"),
        (0.1, 0.2, 0.06, "unclear"),
        (-0.1, 0.2, 0.03, "unclear"),
    ],
)
def test_there_is_a_verdict_only_where_interval_and_test_agree(heard, low, high, p, found):
    over = {"value": (low + high) / 2, "low": low, "high": high, "p_holm": p, "n": 60}
    assert verdict(over) == found
    summary = summary_of(heard, ("loud",) * 3)
    summary["arousal"]["cue_hit_over"] = over
    assert ("undecided" in told({"mtl-att": summary}, "arousal", "cue")) == (found == "unclear")


def test_a_correlation_that_other_utterances_give_as_well_supports_no_claim(heard):
    summary = summary_of(heard, ("loud",) * 3)
    for own in summary.values():
        own["energy_correlation_over"] |= {"p_holm": 0.06, "low": -0.1}
    assert told({"mtl-att": summary}, kind="energy").count("does not support") == 3


def test_an_unknown_cue_is_said_to_be_unknown(heard):
    blind = {utterance: Heard(known.energy, None) for utterance, known in heard.items()}
    summary = summary_of(blind, ("random",) * 3)
    assert not [name for name in summary["arousal"] if name.startswith("cue")]
    assert "cannot be judged" in findings({"mtl-att": summary}, cues_known=False)[-1].sentence


def test_a_finding_has_the_numbers_that_its_sentence_says(heard):
    summary = summary_of(heard, ("cue", "loud", "random"))
    found = {(one.task, one.kind): one for one in findings({"mtl-att": summary}, cues_known=True)}
    assert found["arousal", "entropy"].numbers == summary["arousal"]["entropy"]
    assert found["valence", "energy"].numbers == summary["valence"]["energy_correlation_over"]
    assert f"{summary['valence']['energy_correlation']['value']:.2f}" in found["valence", "energy"].sentence


def test_findings_are_read_back_as_they_were_written(heard):
    found = findings({"mtl-att": summary_of(heard, ("cue", "loud", "random")), "stl": None}, cues_known=False)
    assert from_json(to_json(found)) == found
    assert {one.system for one in of_system(found, "stl")} == {"stl", None}


@pytest.mark.parametrize(
    "values",
    [
        "mtl-att, arousal: attention is uniform.",
        ["mtl-att, arousal: attention is uniform."],
        [{"system": "mtl-att", "task": "arousal", "kind": "entropy"}],
        [{"system": 1, "task": None, "kind": "entropy", "sentence": "A."}],
        [{"system": None, "task": None, "kind": "entropy", "sentence": "A.", "numbers": {"value": "0.9"}}],
        [{"system": None, "task": None, "kind": "entropy", "sentence": "A.", "extra": 1}],
    ],
)
def test_what_is_no_list_of_findings_is_refused(values):
    with pytest.raises(ValueError, match="finding"):
        from_json(values)
