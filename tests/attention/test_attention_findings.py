"""Findings are records whose sentences say what the numbers say, that nothing was found included."""

import pytest
from planted import summary_of

from attune.attention.findings import findings
from attune.attention.measures import Heard
from attune.findings import Finding, from_json, of_system, to_json


def told(summaries, task=None, kind=None, cues_known=True):
    found = findings(summaries, cues_known=cues_known)
    return " ".join(one.sentence for one in found if task in (None, one.task) and kind in (None, one.kind))


def test_findings_say_what_was_found_and_what_was_not(heard):
    summaries = {"mtl-att": summary_of(heard, ("cue", "loud", "uniform")), "stl": None}
    assert "finds the cue more often than chance (100% [100, 100] of utterances" in told(summaries, "arousal")
    assert "finds the cue more often than the loudest window" in told(summaries, "arousal")
    assert "prefers loud windows" in told(summaries, "valence")
    contradicted = "contradicts what the paper says of IEMOCAP, that valence attention prefers low amplitude"
    assert contradicted in told(summaries, "valence")
    assert "finds the cue no more often than the loudest window" in told(summaries, "valence")
    assert "nearly uniform" in told(summaries, "dominance")
    assert "finds the cue no more often than chance" in told(summaries, "dominance")
    assert Finding("stl", None, "absent", "It has no attention.") in findings(summaries, cues_known=True)


def test_findings_agree_with_the_paper_where_the_numbers_do(heard):
    summaries = {"mtl-att": summary_of(heard, ("loud", "quiet", "loud"))}
    assert told(summaries, kind="energy").count("agrees with what the paper says") == 3


def test_a_correlation_that_shifts_give_as_well_is_no_finding(heard):
    summary = summary_of(heard, ("loud",) * 3)
    for own in summary.values():
        own["energy_correlation"]["p_holm"] = 0.06
    assert told({"mtl-att": summary}, kind="energy").count("does not bear out") == 3


def test_an_unknown_cue_is_said_to_be_unknown(heard):
    blind = {utterance: Heard(known.energy, None) for utterance, known in heard.items()}
    summary = summary_of(blind, ("random",) * 3)
    assert not [name for name in summary["arousal"] if name.startswith("cue")]
    assert "cannot be judged" in findings({"mtl-att": summary}, cues_known=False)[-1].sentence


def test_a_finding_has_the_numbers_that_its_sentence_says(heard):
    summary = summary_of(heard, ("cue", "loud", "random"))
    found = {(one.task, one.kind): one for one in findings({"mtl-att": summary}, cues_known=True)}
    assert found["arousal", "entropy"].numbers == summary["arousal"]["entropy"]
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
