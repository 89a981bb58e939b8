from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune.corpus.iemocap.ids import is_utterance, parse_utterance
from attune.errors import AttuneError

scenarios = st.one_of(
    st.builds("impro{:02d}{}".format, st.integers(1, 99), st.sampled_from(["", "a", "b"])),
    st.builds("script{:02d}_{}{}".format, st.integers(1, 99), st.integers(1, 9), st.sampled_from(["", "a", "b"])),
)
turns = st.one_of(st.integers(0, 999).map("{:03d}".format), st.integers(0, 99).map("XX{}".format))


@pytest.mark.parametrize(
    ("name", "session", "marker", "scenario", "kind", "speaker", "turn"),
    [
        ("Ses01F_impro01_M000", 1, "F", "impro01", "improvised", "Ses01M", "000"),
        ("Ses01F_impro01_F000", 1, "F", "impro01", "improvised", "Ses01F", "000"),
        ("Ses03M_impro05a_F021", 3, "M", "impro05a", "improvised", "Ses03F", "021"),
        ("Ses05M_script01_1b_F012", 5, "M", "script01_1b", "scripted", "Ses05F", "012"),
        ("Ses02M_script02_2_F046", 2, "M", "script02_2", "scripted", "Ses02F", "046"),
        ("Ses04F_script03_2_FXX3", 4, "F", "script03_2", "scripted", "Ses04F", "XX3"),
    ],
)
def test_every_published_form_is_taken_apart(name, session, marker, scenario, kind, speaker, turn):
    utterance = parse_utterance(name)
    assert utterance.dialog == (session, marker, scenario, kind)
    assert (utterance.speaker, utterance.turn) == (speaker, turn)


@given(st.integers(1, 5), st.sampled_from("FM"), scenarios, st.sampled_from("FM"), turns)
def test_the_parts_put_together_are_the_id(session, marker, scenario, gender, turn):
    name = f"Ses{session:02d}{marker}_{scenario}_{gender}{turn}"
    parsed = parse_utterance(name)
    assert str(parsed) == name
    assert str(parsed.dialog) == name.rsplit("_", 1)[0]


def test_the_speaker_follows_the_turn_letter_and_never_the_marker_letter():
    speakers = {
        (marker, turn): parse_utterance(f"Ses02{marker}_impro03_{turn}001").speaker
        for marker, turn in product("FM", repeat=2)
    }
    assert speakers == {("F", "F"): "Ses02F", ("F", "M"): "Ses02M", ("M", "F"): "Ses02F", ("M", "M"): "Ses02M"}


@pytest.mark.parametrize(
    "name",
    ["", "Ses01F_impro01", "Ses1F_impro01_M000", "Ses01X_impro01_M000", "Ses01F_impro_M000", "Ses01F_impro01_K000",
     "._Ses01F_impro01_M000", "Ses01F_impro01_M000 ", "Ses01F_impro01_M000.wav", "Ses01F_impro01_M"],
)  # fmt: skip
def test_anything_else_is_refused_with_the_form_expected(name):
    assert not is_utterance(name)
    with pytest.raises(AttuneError, match="Ses01F_impro01_M000") as caught:
        parse_utterance(name)
    assert repr(name) in str(caught.value)
