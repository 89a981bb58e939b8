import numpy as np
import pytest

from attune.corpus.synthetic.speakers import cast


@pytest.mark.parametrize("seed", range(5))
def test_each_session_has_a_woman_and_a_man_and_no_voice_comes_twice(seed):
    people = cast(np.random.default_rng(seed))
    assert [person.name for person in people] == [f"Ses0{n}{gender}" for n in range(1, 6) for gender in "FM"]
    assert len({person[3:] for person in people}) == 10


@pytest.mark.parametrize("seed", range(5))
def test_women_have_higher_voices_and_shorter_vocal_tracts(seed):
    people = cast(np.random.default_rng(seed))
    women, men = people[::2], people[1::2]
    assert min(person.f0 for person in women) > max(person.f0 for person in men)
    assert min(person.tract for person in women) > max(person.tract for person in men)
