from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from attune.corpus.iemocap.ids import parse_utterance
from attune.corpus.synthetic.cues import anywhere
from attune.corpus.synthetic.schedule import TURNS_PER_DIALOG, schedule
from attune.corpus.synthetic.speakers import cast

WOMAN, MAN = cast(np.random.default_rng(0))[4:6]
sessions = st.builds(
    lambda count, seed: (count, schedule(WOMAN, MAN, count, anywhere(0.4, 0.6), np.random.default_rng(seed))),
    st.integers(4, 300),
    st.integers(0, 1000),
)


@settings(max_examples=30)
@given(sessions)
def test_everybody_gets_the_asked_for_utterances_under_ids_of_the_corpus(session):
    count, slots = session
    parsed = [parse_utterance(slot.utterance) for slot in slots]
    assert len({str(utterance) for utterance in parsed}) == 2 * count
    assert [utterance.speaker for utterance in parsed] == [slot.speaker.name for slot in slots]
    assert [str(utterance.dialog) for utterance in parsed] == [slot.dialog for slot in slots]
    assert sum(utterance.speaker == "Ses03F" for utterance in parsed) == count


@settings(max_examples=30)
@given(sessions)
def test_dialogs_are_of_both_kinds_and_both_markers_and_not_too_long(session):
    _, slots = session
    dialogs = {parse_utterance(slot.utterance).dialog for slot in slots}
    assert {dialog.kind for dialog in dialogs} == {"improvised", "scripted"}
    assert {dialog.marker for dialog in dialogs} == {"F", "M"}
    lengths = [sum(slot.dialog == str(dialog) for slot in slots) for dialog in dialogs]
    assert max(lengths) <= TURNS_PER_DIALOG


@settings(max_examples=30)
@given(sessions)
def test_turns_alternate_and_never_overlap(session):
    _, slots = session
    for before, after in pairwise(slots):
        if before.dialog == after.dialog:
            assert before.speaker != after.speaker
            assert before.start + before.seconds < after.start


@settings(max_examples=30)
@given(sessions)
def test_a_cue_is_about_half_of_an_utterance_of_one_to_two_seconds(session):
    _, slots = session
    for slot in slots:
        share = (slot.cue.end - slot.cue.start) / slot.seconds
        assert 1.0 <= slot.seconds <= 2.0
        assert 0.399 <= share <= 0.601
        assert 0 < slot.cue.start < slot.cue.end < slot.seconds
