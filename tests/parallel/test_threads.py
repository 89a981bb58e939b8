"""Work of several threads comes back in order, no further ahead than promised, and its first error ends it."""

from threading import Event

import pytest

from attune import machine
from attune.parallel import threads
from attune.parallel.threads import in_order


@pytest.fixture(params=[1, 2, 32], ids="{} cores".format, autouse=True)
def cores(request, monkeypatch) -> int:
    monkeypatch.setattr(machine, "cores", lambda: request.param)
    return request.param


def test_results_are_in_the_order_of_the_things_whichever_is_done_first(cores):
    done = [Event() for _ in range(2 * (cores > 1))]

    def square(thing: int) -> int:
        if done and thing == 0:
            assert done[1].wait(300)  # the second thing is done before the first
        if done and thing == 1:
            done[1].set()
        return thing * thing

    assert list(in_order(square, range(50))) == [thing * thing for thing in range(50)]


def test_things_are_taken_only_a_little_before_their_results(cores):
    taken = []

    def things():
        for thing in range(200):
            taken.append(thing)
            yield thing

    ahead = [len(taken) - result for result in in_order(lambda thing: thing, things())]
    assert max(ahead) <= threads._MOST * threads._AHEAD


def test_the_first_error_in_order_is_raised_and_the_rest_is_left_undone():
    begun = []

    def work(thing: int) -> int:
        begun.append(thing)
        if thing in (3, 4):
            raise ValueError(thing)
        return thing

    results = in_order(work, range(1000))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="3"):
        next(results)
    assert len(begun) < 100


def test_nothing_gives_nothing():
    assert list(in_order(str, [])) == []
